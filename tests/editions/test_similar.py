from digest.content.values import Article, Role
from digest.editions.canonical import canonical, host
from digest.editions.similar import clusters, fingerprint, likeness, resemblance, same_item, sketch
from digest.rules import ArticleRules
from tests.editions.snapshots import article, author

RULES = ArticleRules()


def body(start: int, end: int) -> str:
    return " ".join(f"word{number}" for number in range(start, end))


def duplicates(*articles: Article, first: frozenset[int] = frozenset(), said: dict[int, int] | None = None) -> dict[int, int]:
    prints = [fingerprint(one, "en") for one in articles]
    return clusters(prints, RULES, discussed=lambda one: (said or {}).get(one.id, 0), first=first)


def test_an_address_has_one_spelling() -> None:
    one = "harbour.example/2026/11/ferry?id=7"
    assert canonical("https://www.Harbour.example/2026/11/ferry/?utm_source=x&id=7&fbclid=y#more") == one
    assert canonical("http://harbour.example/2026/11/ferry?id=7") == one
    assert canonical("no address") == ""
    assert host("https://[broken") == ""


def test_the_same_address_is_the_same_item() -> None:
    pair = article(1, title="One"), article(2, title="Another thing", url="http://www.harbour.example/1?utm_campaign=x")
    assert duplicates(*pair) == {2: 1}


def test_a_front_page_is_nobodys_address() -> None:
    assert duplicates(article(1, title="One", url="https://harbour.example/"), article(2, title="Two", url="https://harbour.example")) == {}


def test_titles_from_six_tenths_on_are_the_same_item_within_three_days() -> None:
    first = article(1, title="The old ferry returns to the harbour", hours=10)
    second = article(2, title="Old ferry returns to harbour at last", hours=20)  # 4 of 5 telling words
    late = article(3, title="Old ferry returns to harbour at last", hours=83)
    assert duplicates(first, second) == {1: 2}
    assert duplicates(first, late) == {}


def test_titles_below_that_are_the_same_story_and_both_stay() -> None:
    first = fingerprint(article(1, title="Old ferry returns to harbour"), "en")
    second = fingerprint(article(2, title="Crowd greets old ferry"), "en")  # 2 of 6
    tags: dict[int, frozenset[str]] = {1: frozenset(), 2: frozenset()}
    assert not same_item(first, second, RULES)
    assert likeness(first, second, RULES, tags) == 0.7


def test_bodies_are_compared_by_their_least_hashes() -> None:
    assert resemblance(sketch(body(0, 60)), sketch(body(0, 60))) == 1
    # 56 shingles each, 36 of them shared: 36 of 76, and exact since there are fewer than 128
    assert resemblance(sketch(body(0, 60)), sketch(body(20, 80))) == 36 / 76
    # 1,996 each, 1,496 shared: 1,496 of 2,496
    assert abs(resemblance(sketch(body(0, 2000)), sketch(body(500, 2500))) - 1496 / 2496) < 0.12
    assert sketch("too short to tell") == frozenset()


def test_a_copied_body_is_the_same_item_under_any_title() -> None:
    assert duplicates(article(1, title="Quay", text=body(0, 300)), article(2, title="Rope", text=body(50, 310))) == {2: 1}


def test_staff_written_stands_before_earlier_before_more_discussed() -> None:
    wire = article(1, title="Ferry returns home", hours=30)
    own = article(2, title="Ferry returns home", hours=20, author=author(1, role=Role.STAFF))
    later = article(3, title="Ferry returns home", hours=10)
    assert duplicates(wire, own, later) == {1: 2, 3: 2}
    assert duplicates(wire, later) == {3: 1}
    twin = article(4, title="Ferry returns home", hours=30)
    assert duplicates(wire, twin, said={4: 5}) == {1: 4}
    assert duplicates(wire, own, first=frozenset({1})) == {2: 1}


def test_likeness_is_not_passed_on() -> None:
    """A chain of ever other titles would end with two that share nothing."""
    chain = [
        article(1, title="anchor barge cable dock", hours=4),
        article(2, title="barge cable dock anchor eel", hours=3),
        article(3, title="cable dock eel barge ferry gull", hours=2),
    ]
    assert duplicates(*chain) == {2: 1}


def test_likeness_knows_section_author_and_tags() -> None:
    one = fingerprint(article(1, title="Anchor", section="Sea", author=author(1)), "en")
    other = fingerprint(article(2, title="Barge", section="sea"), "en")
    third = fingerprint(article(3, title="Cable", author=author(1)), "en")
    tags = {1: frozenset({"a", "b"}), 2: frozenset({"b"}), 3: frozenset({"a", "b"})}
    assert likeness(one, other, RULES, tags) == 0.5
    assert likeness(one, third, RULES, {**tags, 3: frozenset()}) == 0.6
    assert likeness(one, third, RULES, tags) == 1
    assert likeness(other, third, RULES, {**tags, 2: frozenset()}) == 0
