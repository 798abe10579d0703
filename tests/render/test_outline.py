"""Which runs are shown, on pages of any shape: nested groups, blocks within blocks, groups that have something of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.outline import Outline, Path, coarse


@dataclass(frozen=True)
class Node:
    """A part of a page: what it is called, None for a run of words, and what is in it."""

    name: str | None
    below: tuple["Node", ...] = ()


RUN = Node(None)
BLOCKS = [f"{kind}-{number}" for kind in ("lead", "article", "top") for number in range(3)]


def wrapped(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    # No block twice side by side: they would be one.
    several = st.lists(inner, min_size=1, max_size=4, unique_by=lambda node: node.name or id(node)).map(tuple)
    names = st.sampled_from(["comment-1", "group-a", "group-b", *BLOCKS])
    return st.builds(lambda name, below: Node(name, (RUN, *below)), names, several)


NODES = st.recursive(st.just(RUN), wrapped, max_leaves=12)
# Between any two there is a run of the frame, as there is between the text of a mail and its HTML.
PAGES = st.lists(NODES, min_size=1, max_size=5).map(lambda nodes: tuple(one for node in nodes for one in (node, RUN)))


def runs(nodes: tuple[Node, ...], path: Path = ()) -> Iterator[Path]:
    for node in nodes:
        if node.name is None:
            yield path
        else:
            yield from runs(node.below, (*path, node.name))


def kind(node: Node) -> str:
    return (node.name or "").partition("-")[0]


def has_below(node: Node) -> bool:
    """Whether a block stands anywhere in it, groups being none."""
    return any(kind(one) not in ("", "group") or has_below(one) for one in node.below)


def left(nodes: tuple[Node, ...], blocks: frozenset[str], numbers: Iterator[int], owned: bool = False) -> list[int]:
    """The runs that are left, told by walking the tree. A group in a selectable block (`owned`) goes with that alone."""
    found = []
    for node in nodes:
        if node.name is None:
            found.append(next(numbers))
            continue
        inner = left(node.below, blocks, numbers, owned or node.name in BLOCKS)
        falls = node.name in BLOCKS and node.name not in blocks
        bare = kind(node) == "group" and not owned and has_below(node) and not stays(node, blocks)
        found += [] if falls or bare else inner
    return found


def stays(group: Node, blocks: frozenset[str]) -> bool:
    """Whether there is still a block below the group."""
    return any(stays(one, blocks) if kind(one) == "group" else kind(one) == "comment" or one.name in blocks for one in group.below)


@settings(max_examples=100)
@given(PAGES, st.frozensets(st.sampled_from(BLOCKS)))
def test_what_is_left_is_what_a_walk_through_the_tree_leaves(page: tuple[Node, ...], blocks: frozenset[str]) -> None:
    expected = left(page, blocks, count())
    assert [number for number, _ in Outline(runs(page)).shown(blocks)] == expected
    assert [number for number, _ in Outline(map(coarse, runs(page))).shown(blocks)] == expected


SECTION = [
    (),
    ("group-1",),
    ("group-1", "article-1"),
    ("group-1", "article-2", "joint-2"),
    ("group-1", "article-2"),
    ("group-1", "article-3", "joint-3"),
    (),
]


@pytest.mark.parametrize(
    ("blocks", "shown"),
    [
        (set(), [(0, 0), (6, 0)]),
        ({"article-1"}, [(0, 0), (1, 0), (2, 1), (6, 0)]),
        ({"article-2"}, [(0, 0), (1, 0), (4, 1), (6, 0)]),
        ({"article-1", "article-2"}, [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (6, 0)]),
        ({"article-1", "article-3"}, [(0, 0), (1, 0), (2, 1), (5, 2), (6, 0)]),
        (None, [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (6, 0)]),
    ],
)
def test_the_first_block_of_a_group_has_rank_one_and_no_joint(blocks: set[str] | None, shown: list[tuple[int, int]]) -> None:
    assert Outline(SECTION).shown(blocks) == shown


def test_each_part_of_a_mail_counts_for_itself() -> None:
    twice = Outline([("group-1", "top-1"), ("group-1", "top-2"), (), ("group-1", "top-1"), ("group-1", "top-2")])
    assert twice.shown({"top-2"}) == [(1, 1), (2, 0), (4, 1)]
    assert [rank for _, rank in twice.shown(None)] == [1, 2, 0, 1, 2]
