"""Which of two subscriptions holds when two addresses turn out to be one person's."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.stronger import Word, stronger
from subscribers.tables import SubscriptionState

CONFIRMED, PENDING, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)


def word(id_: int, state: SubscriptionState, *, confirmed: int | None = None, left: int | None = None) -> Word:
    """With days since the first of January."""

    def day(number: int | None) -> datetime | None:
        return None if number is None else DAY_0 + timedelta(days=number)

    return Word(id=id_, newsletter="weekly", state=state, confirmed_at=day(confirmed), unsubscribed_at=day(left))


def confirmed(id_: int, day: int) -> Word:
    return word(id_, CONFIRMED, confirmed=day)


def left(id_: int, day: int, *, confirmed: int | None = 0) -> Word:
    return word(id_, UNSUBSCRIBED, confirmed=confirmed, left=day)


OURS, THEIRS = 1, 2


@pytest.mark.parametrize(
    ("ours", "theirs", "stays"),
    [
        (confirmed(OURS, 1), word(THEIRS, PENDING), OURS),
        (word(OURS, PENDING), confirmed(THEIRS, 1), THEIRS),
        (confirmed(OURS, 1), confirmed(THEIRS, 9), OURS),
        (word(OURS, PENDING), word(THEIRS, PENDING), OURS),
        (confirmed(OURS, 1), left(THEIRS, 5), THEIRS),
        (confirmed(OURS, 9), left(THEIRS, 5), OURS),
        (confirmed(OURS, 5), left(THEIRS, 5), THEIRS),
        (left(OURS, 5), confirmed(THEIRS, 1), OURS),
        (left(OURS, 5), confirmed(THEIRS, 9), THEIRS),
        (left(OURS, 5), confirmed(THEIRS, 5), OURS),
        (left(OURS, 5), word(THEIRS, PENDING), OURS),
        (word(OURS, PENDING), left(THEIRS, 5), THEIRS),
        (left(OURS, 5), left(THEIRS, 9), THEIRS),
        (left(OURS, 9), left(THEIRS, 5), OURS),
        (left(OURS, 5), left(THEIRS, 5), OURS),
    ],
)
def test_the_rule(ours: Word, theirs: Word, stays: int) -> None:
    pair = stronger(ours, theirs)
    assert (pair.stays.id, {pair.stays.id, pair.goes.id}) == (stays, {OURS, THEIRS})


def words(id_: int) -> st.SearchStrategy[Word]:
    days = st.integers(0, 6)
    return st.one_of(
        st.just(word(id_, PENDING)),
        st.builds(lambda day: confirmed(id_, day), days),
        st.builds(lambda day, before: left(id_, day, confirmed=before), days, st.none() | days),
    )


@given(ours=words(OURS), theirs=words(THEIRS))
def test_who_left_gets_nothing_unless_the_other_was_confirmed_later(ours: Word, theirs: Word) -> None:
    pair = stronger(ours, theirs)
    if pair.stays.state == CONFIRMED and pair.goes.state == UNSUBSCRIBED:
        assert pair.stays.confirmed_at is not None and pair.goes.unsubscribed_at is not None
        assert pair.stays.confirmed_at > pair.goes.unsubscribed_at
    if pair.stays.state == PENDING:
        assert pair.goes.state == PENDING


@given(ours=words(OURS), theirs=words(THEIRS))
def test_it_is_the_same_whichever_address_stays(ours: Word, theirs: Word) -> None:
    assert stronger(ours, theirs).stays.state == stronger(theirs, ours).stays.state
