"""A small set of our own, graded by hand: 3 = would be quoted with pleasure, 0 = never. It guards against a formula turned on its head."""

from math import log2

from digest.content.values import Snapshot
from digest.editions.choose import choose
from digest.editions.values import Kind
from tests.editions.snapshots import CUTOFF, START, article, comment, everything, newsletter

GRADED = {
    "My grandfather ran the cable ferry until 1974. The winch was driven by a lorry engine, because the council would not pay for a new one, "
    "and he let us steer when there was no wind. When it broke he rowed people over, free of charge, for two weeks.": 3,
    "The figures in the second table do not support the headline: traffic fell in both towns, although only one of them got a bridge. "
    "If you compare the years before, the fall began three years earlier. I would look at the fish market instead.": 3,
    "I worked at the yard for six years and we painted her twice. The green was meant to be blue, but the tin said otherwise.": 2,
    "Thank you for this. I had always wondered why the quay bends, and nobody at the museum could tell me.": 2,
    "Good article, I learned something about winches today.": 1,
    "I think the new one is better, to be honest.": 1,
    "First!": 0,
    "LOL": 0,
    "THIS IS A DISGRACE AND EVERYBODY INVOLVED SHOULD BE ASHAMED OF THEMSELVES!!!! WAKE UP PEOPLE!!!!": 0,
    "Only an idiot would believe that. The author is a moron and so is everybody who clapped for this pathetic rubbish about boats.": 0,
    "Boats " * 45 + "forever.": 0,
}


def ranking() -> list[int]:
    """The grades in the order of the scores."""
    said = tuple(comment(number, text=text) for number, text in enumerate(GRADED, 1))
    letter = newsletter(limits={"top_comments": 0, "recent_comments": 0})
    choice = choose(Snapshot(articles=(article(1),), comments=said), letter, window_start=START, cutoff=CUTOFF, allow_few=True)
    scores = {one.id: one.score for one in everything(choice) if one.kind is Kind.COMMENT and one.score is not None}
    grades = dict(enumerate(GRADED.values(), 1))
    return [grades[number] for number in sorted(scores, key=lambda number: -scores[number])]


def gain(grades: list[int], places: int) -> float:
    return sum((float(1 << grade) - 1) / log2(place + 2) for place, grade in enumerate(grades[:places]))


def test_what_people_would_quote_comes_first() -> None:
    grades = ranking()
    best = sorted(GRADED.values(), reverse=True)
    assert gain(grades, 3) / gain(best, 3) > 0.9
    assert 0 not in grades[:4]
