"""Pools and wishes for tests, made by hypothesis."""

from dataclasses import replace

from hypothesis import strategies as st

from digest.editions.pool import Had, Item, Masthead, Pool, Said
from subscribers.wish import Wish

SECTIONS = ("Harbour", "Town", "Sea", "Sport")
AUTHORS = ("Ada Quay", "Ben Oar", "Cleo Mast")
SERVED = "daily 20261121T0700Z"
WORDS = ("Anchor", "Barge", "Cable", "Dock", "Eel", "Ferry", "Gull", "Heron")

_numbers = st.frozensets(st.integers(1, 24), max_size=8)
_names = {"section": st.sampled_from(("", *map(str.casefold, SECTIONS))), "author": st.sampled_from(("", *map(str.casefold, AUTHORS)))}
_speakers = st.sampled_from(((), ("Reader One",), ("Gull",)))
_items = st.builds(
    Item,
    id=st.just(0),
    **_names,
    score=st.floats(0, 2).map(lambda score: round(score, 1)),
    missed=st.booleans(),
    comments=st.integers(0, 9),
    title=st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
    gist=st.sampled_from(("", "A word of mine")),
    speakers=_speakers,
)
_said = st.builds(Said, id=st.just(0), article_id=st.integers(1, 24), **_names, speakers=_speakers, gist=st.just("Another word"))
wishes = st.builds(
    Wish,
    sections=st.frozensets(st.sampled_from(SECTIONS), max_size=2),
    authors=st.frozensets(st.sampled_from(AUTHORS), max_size=1),
    muted_sections=st.frozensets(st.sampled_from(SECTIONS), max_size=2),
    muted_authors=st.frozensets(st.sampled_from(AUTHORS), max_size=1),
    served=st.sampled_from(("", SERVED)),
)


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    """Up to two dozen articles: some ranked, some not, of the latter some missed; up to three are pinned, and one may have to lead."""
    found = draw(st.lists(_items, max_size=24))
    order = draw(st.permutations(range(len(found))))
    ranked = draw(st.integers(0, len(found)))
    pinned, first = draw(st.frozensets(st.integers(0, 24), max_size=3)), draw(st.sampled_from([-1, 0, 0, 3]))
    items = tuple(
        replace(
            item,
            id=place + 1,
            rank=rank if rank < ranked else None,
            pinned=rank in pinned and rank < ranked,
            first=rank == first < ranked,
            missed=item.missed and rank >= ranked,
        )
        for place, (item, rank) in enumerate(zip(found, order, strict=True))
    )
    said = [replace(one, id=number) for number, one in enumerate(draw(st.lists(_said, max_size=6)), start=1)]
    talked = sorted((item for item in items if item.comments), key=lambda item: (-item.comments, item.id))
    return Pool(
        items=items,
        top=tuple(said[:3]),
        recent=tuple(said[3:]),
        join=tuple(item.id for item in talked),
        leads=draw(st.booleans()),
        articles=draw(st.integers(max(1, len(pinned)), 9)),
        filler=draw(st.integers(0, 4)),
        join_links=draw(st.integers(0, 3)),
        served={SERVED: Had(articles=draw(_numbers), comments=draw(_numbers), missed=draw(_numbers))} if draw(st.booleans()) else {},
        masthead=Masthead(newsletter="The Week", publication="The Post", day="2026-11-23", sponsor="Rope"),
    )
