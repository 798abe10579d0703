"""A browser that is known again opens nothing, and cannot be made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.desk.door.familiar import mark, read

KEYS = ["newest", "oldest"]


def test_a_browser_is_known_again_also_by_an_older_key() -> None:
    first, second = mark(KEYS, 7), mark(KEYS[1:], 7)
    found = [read(KEYS, text) for text in (first, second)]
    assert [one.account for one in found if one] == [7, 7]
    assert len({one.browser for one in found if one}) == 2
    assert read(["another"], first) is None


@given(st.text(max_size=80))
def test_nobody_makes_one_up(text: str) -> None:
    assert read(KEYS, text) is None


@pytest.mark.parametrize("changed", ["8", "7.", "", "-1", "7x"])
def test_none_is_changed_to_anothers(changed: str) -> None:
    assert read(KEYS, changed + mark(KEYS, 7)[1:]) is None
