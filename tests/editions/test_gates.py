from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from digest.content.values import ArticleState, CommentState
from digest.editions.gates import ANSWERS_NOTHING, Gates, eligible, says_nothing
from digest.editions.private import private
from digest.editions.script import foreign
from tests.editions.snapshots import CUTOFF, article, comment, newsletter

GATES = Gates(
    newsletter(
        exclude_sections=["Town Council"],
        exclude_tags=["Rumour"],
        comments={"quotable_since": date(2026, 11, 20), "never_quote": ["Quiet Reader"]},
    ),
    CUTOFF,
)


def test_a_plain_article_passes() -> None:
    assert GATES.article(article(1)) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"state": ArticleState.WITHDRAWN}, "withdrawn at its source"),
        ({"hours": -0.1}, "dated after the cut-off"),
        ({"hours": 0.2}, "published 12 minutes before the cut-off: waits for the next edition"),
        ({"section": "town council "}, "in the excluded section “town council ”"),
        ({"tags": ("rumour", "boats")}, "has the excluded tag “rumour”"),
        ({"tags": ("Sponsored",)}, "a sponsored article: these have a slot of their own"),
        ({"url": "javascript:alert(1)"}, "has no web address"),
        ({"title": " ", "text": ""}, "has neither title nor text"),
        ({"title": "Protected: The ledger", "text": ""}, "protected by a password at its source"),
        ({"text": "This content is password protected. To view it, enter your password below."}, "protected by a password at its source"),
    ],
)
def test_an_article_falls_at_its_gate(given: dict[str, object], why: str) -> None:
    assert GATES.article(article(1, **given)) == why  # type: ignore[arg-type]


def test_an_article_of_another_source_and_an_old_one_fall() -> None:
    gates = Gates(newsletter(sources=["paper"]), CUTOFF)
    assert gates.article(article(1)) == "from the source “site”, which this newsletter does not use"
    assert gates.too_old(article(1, hours=31 * 24)) is None
    assert gates.too_old(article(1, hours=32 * 24)) == "published 32 days before the cut-off: older than 31 days"


def test_at_the_very_end_of_the_grace_an_article_is_ready() -> None:
    assert GATES.article(article(1, hours=0.5)) is None
    assert GATES.article(article(1, hours=0.49)) is not None


def test_a_plain_comment_passes() -> None:
    assert GATES.comment(comment(1)) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"state": CommentState.HELD}, "held by a moderator"),
        ({"state": CommentState.REMOVED}, "removed at its source"),
        ({"flags": 2}, "flagged by 2 readers"),
        ({"hours": -1}, "posted after the cut-off"),
        ({"hours": 0.1}, "posted 6 minutes before the cut-off: too fresh"),
        ({"edited_at": CUTOFF - timedelta(minutes=14)}, "edited just before the cut-off"),
        ({"hours": 24 * 4}, "posted before 2026-11-20, since when comments may be quoted"),
        ({"author_name": " quiet reader"}, "its writer asked not to be quoted"),
        ({"author_name": ""}, "its writer has no name any more"),
        ({"author_name": "sam@mail.example"}, "its writer’s name is an e-mail address"),
        ({"text": " \n"}, "has no text"),
        ({"text": "Write to me at sam.doe@mail.example, please"}, "holds an e-mail address"),
        ({"text": "Look at https://video.example/watch?v=1 😀😀"}, None),
        ({"text": "https://video.example/watch?v=1 😀 100 %"}, "nothing but a link, a quotation, figures or emoji"),
        ({"text": "[…] our own post on this […]"}, "an announcement of a link, no comment"),
        ({"text": "Это совсем другой язык, друзья мои"}, "in another script than this newsletter’s language"),
        ({"votes_up": 3, "votes_down": 3}, "disputed: 3 of 6 votes are against it"),
        ({"votes_up": 3, "votes_down": 3, "featured": True}, None),
        ({"votes_up": 1, "votes_down": 2}, None),
        ({"votes_up": 13, "votes_down": 7}, None),
    ],
)
def test_a_comment_falls_at_its_gate(given: dict[str, object], why: str | None) -> None:
    assert GATES.comment(comment(1, **given)) == why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "call me on +49 30 901820 any time",
        "(555) 010-4477 is the shop",
        "020 7946 0958 still rings",
        "0171/1234567 is mine",
        "text 555 0199 for a ride",
        "ring 07700900123",
    ],
)
def test_telephone_numbers_are_private(text: str) -> None:
    assert private(text) == "what looks like a telephone number"


@pytest.mark.parametrize(
    "text", ["mine was AB12 CDE", "B-XY 1234 cut me off", "AB-123-CD is for sale", "saw KLM-1234 today", "the plate was 7XKR 214"]
)
def test_licence_plates_are_private(text: str) -> None:
    assert private(text) == "what looks like a licence plate"


@pytest.mark.parametrize("text", ["sam@mail.example", "sam [at] mail dot example", "write sam(at)mail.example"])
def test_mail_addresses_are_private(text: str) -> None:
    assert private(text) == "an e-mail address"


@pytest.mark.parametrize(
    "text",
    [
        "It cost 12,500.00 in 1998 and 300-400 in 2004",
        "From 1987-1991 they made 1,000,000 of them",
        "A 911 beats a 944 on 12/05/2024, 3.5 litres or not",
        "See https://shop.example/item/02079460958",
        "I sat @ the dock, looking at (the) sea",
        "Volvo 740 GLE, 190000 miles, BMW 2002 tii",
    ],
)
def test_ordinary_figures_are_not_private(text: str) -> None:
    assert private(text) == ""


def test_a_quoted_line_alone_says_nothing() -> None:
    assert says_nothing("> their words\n😀")
    assert not says_nothing("> their words\nMine")


def test_the_script_of_a_text_is_told_apart_only_when_it_is_clear() -> None:
    assert foreign("Ну что за корабль, просто чудо", "en-GB")
    assert not foreign("Ну да", "en")  # too short to tell
    assert not foreign("Naïve, déjà vu – “voilà”, c’était là", "en")
    assert foreign("Only Latin letters in here", "ru")
    assert not foreign("Мой iPhone 15 Pro Max и MacBook Air", "ru")
    assert not foreign("Ну что за корабль, просто чудо", "xx")  # a language we do not know


def test_an_answer_falls_with_what_it_answers_at_any_depth() -> None:
    line = [comment(1, state=CommentState.HELD), comment(2, parent_id=1), comment(3, parent_id=2), comment(4)]
    assert eligible(reversed(line), GATES) == {1: "held by a moderator", 2: ANSWERS_NOTHING, 3: ANSWERS_NOTHING, 4: None}


def test_an_answer_to_what_is_not_there_falls() -> None:
    found = eligible([comment(1, parent_id=77), comment(2, orphan=True), comment(3, 1), comment(4, 2, parent_id=3)], GATES)
    assert found == {1: ANSWERS_NOTHING, 2: ANSWERS_NOTHING, 3: None, 4: ANSWERS_NOTHING}


def test_a_ring_of_answers_and_ten_thousand_in_a_row_come_to_an_end() -> None:
    ring = [comment(1, parent_id=2), comment(2, parent_id=1)]
    assert set(eligible(ring, GATES).values()) == {ANSWERS_NOTHING}

    def row() -> Iterator[object]:
        yield comment(1)
        for number in range(2, 10_001):
            yield comment(number, parent_id=number - 1)

    assert all(why is None for why in eligible(reversed(list(row())), GATES).values())  # type: ignore[arg-type]
