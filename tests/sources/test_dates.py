from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.dates import read_date

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T10:00:00Z", (2026, 11, 20, 10)),
        ("2026-11-20T10:00:00+02:00", (2026, 11, 20, 8)),
        (" 2026-11-20 10:00 ", (2026, 11, 20, 10)),
        ("2026-11-20", (2026, 11, 20, 0)),
        ("Fri, 20 Nov 2026 10:00:00 GMT", (2026, 11, 20, 10)),
        ("Fri, 20 Nov 2026 10:00:00 EST", (2026, 11, 20, 15)),
        ("20 Nov 26 10:00 -0100", (2026, 11, 20, 11)),
        ("Tue, 24 Nov 2026 10:00:00 GMT", (2026, 11, 24, 10)),
        ("2026-W47", (2026, 11, 16, 0)),
    ],
)
def test_dates_as_feeds_write_them(text: str, moment: tuple[int, int, int, int]) -> None:
    assert read_date(text, now=NOW) == datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "1757170000", "0001-01-01T00:00:00+14:00", "Thu, 01 Jan 1970 00:00:00 GMT", "2026-11-26"),
        *("Fri, 20 Nov 2026 25:00:00 GMT", "Fri, 20 Nov 9999999999 10:00:00 GMT", "Fri, 20 Nov 2026 10:00:00 +9999999", None, 7, ["2026-11-20"]),
    ],
)
def test_nonsense_is_no_date(text: object) -> None:
    assert read_date(text, now=NOW) is None


def test_what_the_feed_parser_made_of_it_is_the_last_resort_and_bound_too() -> None:
    assert read_date("vendredi", parsed=(2026, 11, 20, 10, 0, 0, 4, 324, 0), now=NOW) == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert read_date("1757170000", parsed=(1758, 1, 1, 0, 0, 0, 0, 1, 0), now=NOW) is None
    assert read_date("x", parsed=(2026, 11, 20, 10, 0, 61, 4, 324, 0), now=NOW) is None


@given(st.text(max_size=40) | st.datetimes().map(str) | st.dates().map(lambda day: f"{day:%a, %d %b} {day.year} 10:00:00 GMT"))
def test_any_text_is_none_or_a_moment_within_bounds(text: str) -> None:
    found = read_date(text, now=NOW)
    assert found is None or datetime(1990, 1, 1, tzinfo=UTC) <= found <= datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
