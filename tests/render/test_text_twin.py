"""The tools of the plain text part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.render.compiled import Hole
from digest.render.marks import Marks
from digest.render.text import columns, paragraphs, quoted, straight, wrap

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("  \nab"), max_size=400)


@given(TEXTS, st.integers(min_value=20, max_value=90))
def test_wrapping_loses_nothing_and_keeps_the_width(text: str, width: int) -> None:
    wrapped = wrap(text, width)
    assert "".join(wrapped.split()) == "".join(text.split())
    assert all(columns(line) <= width for line in wrapped.split("\n") if "://" not in line)


@given(TEXTS)
def test_every_quoted_line_is_marked(text: str) -> None:
    assert all(line.startswith(">") and columns(line) <= 76 for line in quoted(text).split("\n") if "://" not in line)


def test_an_address_is_never_broken() -> None:
    address = "https://saltmarsh.example/" + "a" * 90
    assert address in wrap(f"Look at {address} and think", 40).split("\n")


def test_wide_letters_count_twice_and_marks_not_at_all() -> None:
    assert columns("潮汐") == 4
    assert columns("e\u0301") == 1
    assert [len(line) for line in wrap("潮" * 50, 76).split("\n")] == [38, 12]


def test_a_number_that_is_filled_in_later_is_as_wide_as_a_number() -> None:
    mark = Marks(key="0123456789").hole(Hole.NUMBER)
    assert columns(f"{mark}. On") == columns("1. On")
    assert wrap(f"{mark}. aaa bbb", 10) == f"{mark}. aaa bbb"


def test_an_indent_counts() -> None:
    assert wrap("aaa bbb ccc", 8, indent="  ") == "  aaa\n  bbb\n  ccc"
    assert wrap("a\n\nb", indent="  ") == "  a\n\n  b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", []), ("a\nb", ["a\nb"]), ("a\n\n\n b ", ["a", "b"]), ("a\r\n\r\nb", ["a", "b"]), ("\n \n", [])],
)
def test_paragraphs_are_parted_by_empty_lines(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected


def test_a_name_turns_nothing_round() -> None:
    assert straight("Ann\u202e\u2066\n  Lee") == "Ann Lee"
    assert straight("Ann Lee", "rtl") == "\u2068Ann Lee\u2069"
    assert straight("ليلى") == "\u2068ليلى\u2069"
    assert straight("ليلى", "rtl") == "ليلى"


def test_a_narrow_no_break_space_ends_no_line() -> None:
    assert wrap("à lire\u202f: tout", width=7) == "à\nlire\u202f:\ntout"
