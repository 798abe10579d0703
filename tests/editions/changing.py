"""Editors' changes for tests, made by hypothesis or by hand."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from digest.editions.changes import (
    Back,
    Change,
    Changed,
    Changes,
    Drop,
    Excerpt,
    Introduction,
    Lead,
    Move,
    MoveSection,
    Pin,
    Preheader,
    Quote,
    Redo,
    Sponsored,
    Subject,
    Swap,
    Undo,
)
from digest.editions.values import Kind
from digest.newsletter import Sponsor

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
EDITORS = ("Ana", "Ben", "Cleo, night desk")

_articles = st.integers(1, 14)
_comments = st.integers(1, 26)
_sections = st.sampled_from(["", "Harbour", "town", "Sea", "Nowhere"])
_texts = st.sampled_from(["", "A word of ours", "Zwei Wörter"])
_sponsors = st.one_of(st.none(), st.builds(Sponsor, title=st.just("Rope & Sons"), text=st.just("Rope."), url=st.just("https://rope.example/")))

placing: st.SearchStrategy[Change] = st.one_of(
    st.builds(Lead, article=_articles),
    st.builds(Pin, item=st.just(Kind.ARTICLE), id=_articles),
    st.builds(Pin, item=st.just(Kind.COMMENT), id=_comments),
    st.builds(Drop, item=st.just(Kind.ARTICLE), id=_articles),
    st.builds(Drop, item=st.just(Kind.COMMENT), id=_comments),
    st.builds(Back, item=st.sampled_from(Kind), id=_articles),
    st.builds(Move, article=_articles, after=st.one_of(st.just(0), _articles)),
    st.builds(MoveSection, section=_sections, after=_sections),
    st.builds(Swap, out=_articles, into=_articles),
    st.builds(Quote, article=_articles, comment=st.one_of(st.just(0), _comments)),
)
wording: st.SearchStrategy[Change] = st.one_of(
    st.builds(Subject, text=_texts),
    st.builds(Preheader, text=_texts),
    st.builds(Introduction, markdown=_texts),
    st.builds(Excerpt, article=_articles, text=_texts),
    st.builds(Sponsored, sponsor=_sponsors),
)
undoing: st.SearchStrategy[Change] = st.one_of(st.builds(Undo, number=st.integers(1, 12)), st.builds(Redo, number=st.integers(1, 12)))
every_change = st.one_of(placing, wording, undoing)


def changes(*made: Change, who: str = "Ana") -> Changes:
    """These, one after the other."""
    return Changes.of(Changed(number=number, at=AT, who=who, change=change) for number, change in enumerate(made, start=1))


@st.composite
def histories(draw: st.DrawFn, kinds: st.SearchStrategy[Change] = every_change) -> Changes:
    made = draw(st.lists(st.tuples(st.sampled_from(EDITORS), kinds), max_size=12))
    return Changes.of(Changed(number=number, at=AT, who=who, change=change) for number, (who, change) in enumerate(made, start=1))
