"""What one reader gets of an edition's blocks is what a page drawn with these alone would be."""

import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.editions.values import Edition, Section
from digest.render.compiled import CompiledEdition, Hole
from digest.render.fill import Filler, fill
from digest.render.outline import SELECTABLE, kind
from digest.render.parts import Parts
from tests.render.filling import VALUES, compiled, parts
from tests.render.sample_edition import JOIN, LEAD, RECENT, SECTIONS, TOP, look, sample_edition

STORIES = tuple(story for section in SECTIONS for story in section.stories)
POOL = sample_edition(leads=(LEAD, *STORIES), sections=(Section(title="", stories=(LEAD,)), *SECTIONS))


THEMES = ("classic", "letter")
every_theme = pytest.mark.parametrize("theme", THEMES)


@cache
def pool(theme: str = "classic") -> CompiledEdition:
    return compiled(POOL, look(theme=theme))


def selectable(edition: CompiledEdition) -> set[str]:
    return {block for block in edition.ids if kind(block) in SELECTABLE}


def restricted(blocks: frozenset[str]) -> Edition:
    """The edition as it would be composed for one reader."""
    leads = [story for story in POOL.leads if f"lead-{story.article_id}" in blocks]
    joined = [(link, number) for link, number in zip(POOL.join, POOL.join_counts, strict=True) if f"join-{link.article_id}" in blocks]
    return replace(
        POOL,
        leads=(),
        lead=leads[0] if leads else None,
        sections=tuple(
            replace(section, stories=tuple(story for story in section.stories if f"article-{story.article_id}" in blocks))
            for section in POOL.sections
        ),
        top_comments=tuple(quote for quote in TOP if f"top-{quote.comment_id}" in blocks),
        recent_comments=tuple(quote for quote in RECENT if f"recent-{quote.comment_id}" in blocks),
        join=tuple(link for link, _ in joined),
        join_counts=tuple(number for _, number in joined),
    )


def names(prefix: str, numbers: list[int]) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from([f"{prefix}-{number}" for number in numbers]))


ARTICLES = [story.article_id for story in POOL.leads]
SELECTIONS = st.builds(
    lambda lead, *others: frozenset(({f"lead-{lead}"} if lead else set()).union(*others)),
    st.sampled_from([None, *ARTICLES]),
    names("article", ARTICLES),
    names("top", [quote.comment_id for quote in TOP]),
    names("recent", [quote.comment_id for quote in RECENT]),
    names("join", [link.article_id for link in JOIN]),
)
TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80).map(lambda text: " ".join(text.split()))


@every_theme
@settings(max_examples=12, deadline=None)  # each is drawn and inlined anew
@given(blocks=SELECTIONS, subject=TITLES, preheader=TITLES)
@example(blocks=frozenset(), subject="", preheader="")
@example(blocks=frozenset({"lead-104", "article-103", "top-933"}), subject=".", preheader="From here")
def test_a_selection_is_the_page_drawn_with_it_alone(theme: str, blocks: frozenset[str], subject: str, preheader: str) -> None:
    titles = {Hole.SUBJECT: subject, Hole.PREHEADER: preheader}
    filler = Filler(Parts(pool(theme)), blocks, titles)
    body = filler.fill(VALUES)
    drawn = compiled(replace(restricted(blocks), subject=subject, preheader=preheader), look(theme=theme))
    assert parts(pool(theme).content_type, body) == parts(drawn.content_type, fill(drawn, VALUES))
    assert Parts(pool(theme)).html_bytes(blocks) == pool(theme).only(blocks).html_bytes == drawn.html_bytes
    assert Filler(Parts(pool(theme).only(blocks)), titles=titles).fill(VALUES) == body
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith(b".") for line in lines)


@every_theme
@settings(max_examples=40, deadline=None)
@given(blocks=SELECTIONS)
def test_no_heading_stands_alone_and_comments_are_counted_from_one(theme: str, blocks: frozenset[str]) -> None:
    text, page = parts(pool(theme).content_type, Filler(Parts(pool(theme)), blocks).fill(VALUES))
    shown = {part.partition("-")[0] for part in blocks}
    assert ("Top comments" in page, "\ntop comments\n---" in text.casefold()) == ("top" in shown,) * 2
    assert ("Just said" in page, "Join the conversation" in page) == ("recent" in shown, "join" in shown)
    for section in SECTIONS:
        expected = any(f"article-{story.article_id}" in blocks for story in section.stories)
        assert (f"\n{section.title}\n---".casefold() in text.casefold()) is expected
    tops = sum(block.startswith("top-") for block in blocks)
    ranks = [str(number) for number in range(1, tops + 1)]
    assert re.findall(r'<td class="rank[^>]*>(\d+)</td>', page) == ranks
    assert re.findall(r"^(\d+)\. On “", text, re.MULTILINE) == ranks


def test_what_parts_stories_stands_between_them_alone() -> None:
    def rules(*blocks: str) -> int:
        return parts(pool().content_type, Filler(Parts(pool()), frozenset(blocks)).fill(VALUES))[1].count('class="between')

    assert rules("article-102") == rules("article-103") == rules("article-103", "article-104") == 0
    assert rules("article-102", "article-103") == 1
    assert rules("article-102", "article-103", "article-105", "article-107") == 1


def test_the_whole_edition_is_a_selection_like_any_other() -> None:
    edition = compiled(sample_edition(), look())
    assert edition.only(selectable(edition)) == edition
    assert Filler(Parts(edition), frozenset(selectable(edition))).fill(VALUES) == fill(edition, VALUES)
    assert edition.only({"article-7777"}) == edition.only(())


def test_selections_share_their_bytes() -> None:
    made = Parts(pool())
    leads = (101, 102)
    selections = [[piece for stretch in made.selected({f"lead-{lead}", "article-105"}) for piece in stretch.pieces if piece] for lead in leads]
    shared = {id(piece) for piece in selections[0]} & {id(piece) for piece in selections[1]}
    for lead, pieces in zip(leads, selections, strict=True):
        own = sum(len(piece) for piece in pieces if id(piece) not in shared)
        assert own < 2 * made.sizes[f"lead-{lead}"] + 1000  # the lead, in both parts
        assert own < sum(map(len, pieces)) / 2


def test_the_sizes_add_up() -> None:
    made = Parts(pool())
    assert set(made.sizes) == selectable(pool())
    assert made.html_bytes({"lead-102"}) == made.html_bytes(()) + made.sizes["lead-102"]
    assert made.html_bytes() == pool().html_bytes
