from collections import Counter

from digest.content.values import Article
from digest.editions.arrange import Arrangement, arrange
from digest.editions.article_score import Candidate, ScoredArticle
from digest.editions.similar import fingerprint
from digest.editions.talk import talk
from digest.newsletter import Newsletter
from tests.editions.snapshots import SITE, article, author, newsletter

WORDS = ["anchor", "barge", "cable", "dock", "eel", "ferry", "gull", "heron", "island", "jetty", "keel", "mast"]


def arranged(*scored: tuple[Article, float], letter: Newsletter | None = None, rotate: bool = False, pin: int | None = None) -> Arrangement:
    found = [
        ScoredArticle(candidate=Candidate(article=one, talk=talk(one, ()), quotable=False, delivers_comments=True), score=score, terms=())
        for one, score in scored
    ]
    prints = {one.id: fingerprint(one, "en") for one, _ in scored}
    return arrange(found, prints, letter or newsletter(limits={"articles": 4, "reserves": 1}), rotate=rotate, pin=pin, site_host=SITE)


def plain(number: int, **given: object) -> Article:
    return article(number, title=WORDS[number - 1], **given)  # type: ignore[arg-type]


def ids(arrangement: Arrangement) -> list[int]:
    return [one.scored.article.id for one in arrangement.placed]


def test_the_best_come_first_and_ties_go_to_the_lower_id() -> None:
    found = arranged((plain(3), 0.5), (plain(1), 0.5), (plain(2), 0.9), letter=newsletter(articles={"per_section_share": 1}))
    assert ids(found) == [2, 1, 3]
    assert found.notes == ()


def test_what_is_like_those_chosen_is_paid_less() -> None:
    first, second, other = plain(1, tags=("x",)), plain(2, tags=("x",)), plain(3)
    # .8 × .95 − .2 × 1 = .56 against .8 × .8 = .64
    assert ids(arranged((first, 1.0), (second, 0.95), (other, 0.8), letter=newsletter(articles={"per_section_share": 1}))) == [1, 3, 2]


def test_a_pin_leads_whatever_its_score() -> None:
    found = arranged((plain(1), 1.0), (plain(2), 0.1), pin=2)
    assert ids(found) == [2, 1]
    assert found.placed[0].note == "pinned"


def test_no_section_has_more_than_half_and_no_author_more_than_two() -> None:
    harbour = [(plain(number, section="Harbour", author=author(number)), 1 - number / 100) for number in (1, 2, 3, 4)]
    town = [(plain(number, section="Town", author=author(1)), 0.3 - number / 100) for number in (5, 6, 7)]
    sea = [(plain(number, section="Sea", author=author(8)), 0.1) for number in (8, 9)]
    found = arranged(*harbour, *town, *sea)
    assert Counter(one.scored.article.section for one in found.placed) == {"Harbour": 2, "Town": 1, "Sea": 1}
    assert found.left[3] == "scored 0.97, but its section has its 2 already"
    assert found.left[6] == "scored 0.24, but its author has its 2 already"
    assert found.notes == ()


def test_outside_domains_have_two_places_and_the_own_site_any_number() -> None:
    outside = [(plain(number, section=f"s{number}", url=f"https://wire.example/{number}"), 1.0) for number in (1, 2, 3)]
    inside = [(plain(number, section=f"s{number}", url=f"https://blog.{SITE}/{number}"), 0.5) for number in (4, 5, 6)]
    assert ids(arranged(*outside, *inside)) == [1, 2, 4, 5]


def test_limits_that_leave_holes_are_relaxed_domain_first_then_author_then_section() -> None:
    def wire(number: int, writer: int, section: str) -> Article:
        return plain(number, section=section, author=author(writer), url=f"https://wire.example/{number}")

    by_domain = arranged(*[(wire(number, number, f"s{number}"), 1 - number / 10) for number in (1, 2, 3, 4)])
    assert ids(by_domain) == [1, 2, 3, 4]
    assert [one.note for one in by_domain.placed] == ["", "", "limit per domain relaxed", "limit per domain relaxed"]
    assert by_domain.notes == ("The limit per domain was relaxed for 2 articles: without it places would have stayed empty.",)

    by_author = arranged(*[(plain(number, section=f"s{number}", author=author(1)), 1 - number / 10) for number in (1, 2, 3)])
    assert [one.note for one in by_author.placed] == ["", "", "limit per author relaxed"]

    by_section = arranged(*[(plain(number, section="Sea"), 1 - number / 10) for number in (1, 2, 3)])
    assert [one.note for one in by_section.placed] == ["", "", "limit per section relaxed"]


def test_each_of_the_newsletters_sections_has_one_if_it_is_worth_it() -> None:
    best = [(plain(number, section="Harbour"), 1.0) for number in (1, 2)] + [(plain(number, section="Quay"), 1.0) for number in (3, 4)]
    letter = newsletter(limits={"articles": 4, "reserves": 0}, sections=["Town", "Sea"])
    found = arranged(*best, (plain(5, section="Town"), 0.6), (plain(6, section="Sea"), 0.2), letter=letter)
    assert ids(found) == [1, 3, 2, 5]  # the median is 1: Town is worth a place, Sea is not


def test_without_a_signal_sections_take_turns() -> None:
    fresh = [(plain(number, section="Harbour"), 1 - number / 100) for number in (1, 2, 3)]
    found = arranged(*fresh, (plain(4, section="Town"), 0.5), (plain(5, section="Sea"), 0.4), rotate=True)
    assert ids(found) == [1, 4, 5, 2]


def test_reserves_are_the_next_best_and_keep_their_reason() -> None:
    found = arranged(*[(plain(number, section=f"s{number}"), 1 - number / 10) for number in range(1, 7)])
    assert ids(found) == [1, 2, 3, 4]
    assert [one.article.id for one in found.reserves] == [5]
    assert found.left == {5: "scored 0.50, the lowest one in 0.60", 6: "scored 0.40, the lowest one in 0.60"}


def test_nothing_gives_nothing() -> None:
    assert arranged() == Arrangement(placed=(), reserves=())
