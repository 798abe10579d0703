"""A relay's allowance: its pace and its warm-up, whatever is asked for and given back."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.allowance import Used, allow, returned
from digest.delivery.memory import MemoryTransport
from digest.delivery.route import Route

NIGHT = datetime(2026, 11, 22, 23, 59, 58, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def route(*, per_minute: float = 0, warm_up: tuple[int, ...] = ()) -> Route:
    return Route(name="main", open=MemoryTransport, per_minute=per_minute, warm_up=warm_up)


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=4).map(tuple),
    st.sampled_from([0, 60, 3_000]),
    st.lists(st.tuples(st.floats(0, 20), st.integers(0, 60), st.floats(0, 1)), max_size=30),
)
def test_no_day_of_a_warm_up_gets_more_than_its_number(warm_up: tuple[int, ...], per_minute: float, asked: list[tuple[float, int, float]]) -> None:
    way = route(per_minute=per_minute, warm_up=warm_up)
    now, used, went = NIGHT, Used(), dict[date, int]()
    for hours, wanted, share in asked:
        now += timedelta(hours=hours)
        allowed, used = allow(way, used, now, wanted)
        unused = int(allowed.count * share)
        used = returned(way, used, now, unused)
        went[now.date()] = went.get(now.date(), 0) + allowed.count - unused
        assert (allowed.count < wanted) == (allowed.not_before is not None) == bool(allowed.reason)
        assert allowed.not_before is None or allowed.not_before > now
    for day, number in went.items():
        days = (day - NIGHT.date()).days - (next(iter(went)) - NIGHT.date()).days
        assert days >= len(warm_up) or number <= warm_up[days]


def test_the_days_of_a_warm_up_are_counted_from_the_first_mail_and_end() -> None:
    way, used, seen = route(warm_up=(2, 5)), Used(), []
    for hour in (0, 1, 24, 25, 48, 49):
        allowed, used = allow(way, used, NIGHT + timedelta(hours=hour), 4)
        seen.append((allowed.count, allowed.reason))
    assert seen == [
        (2, "day 1 of its warm-up: 2 mails"),
        (4, ""),
        (1, "day 2 of its warm-up: 5 mails"),
        (4, ""),
        (4, ""),
        (4, ""),
    ]


def test_what_the_day_has_no_room_for_may_go_at_midnight_in_utc() -> None:
    allowed, _ = allow(route(warm_up=(2, 5)), Used(), NIGHT, 3)
    assert allowed.not_before == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_machine_that_lags_at_midnight_does_not_begin_the_day_before_again() -> None:
    way = route(warm_up=(10, 3, 3))
    _, used = allow(way, Used(), NIGHT, 10)
    for _ in range(3):
        _, used = allow(way, used, NIGHT + 3 * SECOND, 2)
        allowed, used = allow(way, used, NIGHT, 2)
    assert used.day == date(2026, 11, 23) and used.day_count == 3 and allowed.count == 0


def test_a_clock_that_was_a_year_ahead_is_forgotten() -> None:
    way = route(warm_up=(3, 4))
    _, used = allow(way, Used(), NIGHT + timedelta(days=365), 3)
    allowed, used = allow(way, used, NIGHT, 5)
    assert allowed.count == 3 and used.day == NIGHT.date()


def test_what_is_given_back_may_be_asked_for_again() -> None:
    way = route(per_minute=600, warm_up=(8,))
    first, used = allow(way, Used(), NIGHT, 20)
    again, used = allow(way, returned(way, used, NIGHT, 5), NIGHT, 20)
    assert (first.count, again.count) == (8, 5)
    assert used.day_count == 8
