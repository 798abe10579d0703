"""A wish and its key."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from subscribers.wish import EVERYTHING, Served, Wish

NAMES = st.frozensets(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=12), max_size=4)
SERVED = st.builds(
    lambda cadence, until: str(Served(cadence=cadence, until=until.replace(second=0, microsecond=0))),
    st.sampled_from(["weekly", "every article", "daily"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is the next argument
)
WISHES = st.builds(Wish, sections=NAMES, authors=NAMES, muted_sections=NAMES, muted_authors=NAMES, served=st.just("") | SERVED)


@given(wish=WISHES)
def test_a_wish_is_read_back_from_its_key(wish: Wish) -> None:
    assert Wish.parse(wish.key) == wish


@given(one=WISHES, other=WISHES)
def test_only_equal_wishes_have_equal_keys(one: Wish, other: Wish) -> None:
    assert (one.key == other.key) == (one == other)


def test_whoever_chose_nothing_has_the_empty_key() -> None:
    assert EVERYTHING.key == ""
    assert Wish.parse("") is EVERYTHING


@given(text=SERVED)
def test_where_a_reader_stood_is_read_back(text: str) -> None:
    served = Served.parse(text)
    assert served is not None
    assert str(served) == text


def test_whoever_stayed_in_a_cadence_stands_nowhere_else() -> None:
    assert Served.parse("") is None
