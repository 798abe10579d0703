from collections.abc import Iterator

from digest.content.values import Snapshot
from digest.editions.compose import compose
from digest.editions.shorten import shorten, shortened
from digest.editions.values import Edition
from tests.editions.snapshots import CUTOFF, STORY, article, chosen, comment, newsletter
from tests.editions.test_choose import SECOND, THIRD


def long(number: int) -> str:
    return "".join(f"Nobody on quay {number}{line} had thought that boat {number}{line} would ever float again. " for line in range(20))


def edition() -> Edition:
    said = (comment(1, 1), comment(2, 9, text=SECOND), comment(3, 9, text=THIRD), comment(4, 9, text="I waved at her.", hours=1))
    articles = tuple(article(number, text=long(number), section=f"S{number % 2}", votes=100 - number) for number in range(1, 6))
    letter = newsletter(sponsor={"title": "Rope", "text": "Rope.", "url": "https://rope.example"}, limits={"top_comments": 1, "recent_comments": 2})
    snapshot = Snapshot(articles=articles, others=(article(9, hours=200),), comments=said)
    return compose(chosen(snapshot, letter), snapshot, letter, slot=CUTOFF, publication_name="Post", site_url="")


def steps() -> Iterator[tuple[Edition, tuple[str, ...]]]:
    return shortened(edition())


def test_excerpts_shrink_first() -> None:
    lengths = [max(len(story.excerpt.split()) for story in made.stories) for made, _ in list(steps())[:3]]
    assert lengths[0] <= 41
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[2] <= 16
    assert all(story.excerpt.count("…") == 1 for made, _ in steps() for story in made.stories)


def test_quotes_stay_the_stored_words_up_to_the_cut() -> None:
    made = list(steps())[2][0]
    assert made.lead is not None
    assert made.lead.quote is not None
    assert STORY.startswith(made.lead.quote.text)
    assert made.lead.quote.cut
    assert len(made.lead.quote.text.split()) <= 30


def test_then_the_last_items_go_and_the_lead_and_the_sponsor_stay() -> None:
    found = list(steps())
    said = [line for _, notes in found[3:] for line in notes]
    assert [line.split(" was taken")[0].split(" “")[0] for line in said] == [*["A recent comment"] * 2, *["The story"] * 4, "A top comment"]
    last = found[-1][0]
    assert last.lead is not None
    assert last.sponsor is not None
    assert [story.article_id for story in last.stories] == [1]
    assert (last.sections, last.top_comments, last.recent_comments) == ((), (), ())
    assert set(last.blocks) == {"lead", "sponsor", "join"}


def test_the_lowest_story_goes_first_and_nothing_speaks_of_it_any_more() -> None:
    before = edition()
    order = sorted((story.rank, story.article_id) for story in before.stories)
    left = [len(made.stories) for made, _ in steps()]
    assert left == [5, 5, 5, 5, 5, 4, 3, 2, 1, 1]
    without = next(made for made, _ in steps() if len(made.stories) == 4)
    assert {story.article_id for story in without.stories} == {number for _, number in order[:-1]}
    assert all(link.article_id in {story.article_id for story in made.stories} for made, _ in steps() for link in made.join)


def test_a_step_that_finds_nothing_to_shorten_says_nothing() -> None:
    snapshot = Snapshot(articles=(article(1, text="Short."), article(2, text="Short as well.")))
    made = compose(chosen(snapshot), snapshot, newsletter(), slot=CUTOFF, publication_name="Post", site_url="")
    assert shorten(made, 0) == (made, ())
    one_less = shorten(made, 3)
    assert one_less is not None
    assert made.subject.endswith(", + 1 more")
    assert not one_less[0].subject.endswith("more")
    assert shorten(one_less[0], 4) is None
