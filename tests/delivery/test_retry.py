"""Back-off: growing waits, and an end."""

from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.mask import mask
from digest.delivery.retry import Backoff
from digest.settings import Delivery


def waited(backoff: Backoff) -> float:
    """Hours spent waiting between the first and the last try."""
    waits = [*backoff.minutes, *[backoff.minutes[-1]] * backoff.tries] if backoff.minutes else []
    return sum(waits[: backoff.tries - 1]) / 60


def test_32_defaults_try_for_two_days_and_no_longer() -> None:
    backoff = Backoff.of(Delivery())
    assert backoff.minutes == tuple(sorted(backoff.minutes))
    assert 44 < waited(backoff) <= 48


@given(st.lists(st.floats(0.1, 500), max_size=6), st.floats(0.1, 100))
def test_tries_fill_the_time_and_do_not_pass_it(minutes: list[float], hours: float) -> None:
    backoff = Backoff(minutes=tuple(minutes), give_up_hours=hours)
    assert backoff.tries >= 1
    assert waited(backoff) <= hours + 1e-6
    if minutes:
        following = minutes[backoff.tries - 1] if backoff.tries <= len(minutes) else minutes[-1]
        assert waited(backoff) + following / 60 > hours - 1e-6


def test_without_delays_there_is_one_try() -> None:
    assert Backoff(minutes=()).tries == 1


@given(st.text(max_size=100), st.from_regex(r"[a-z0-9.+=_-]{1,20}@[a-z0-9-]{1,10}\.[a-z]{2,5}", fullmatch=True), st.text(max_size=100))
def test_43_masked_words_hold_no_address(before: str, address: str, after: str) -> None:
    masked = mask(f"{before} <{address}> {after}")
    assert address not in masked and len(masked) <= 300
    assert not any(character in masked for character in "\r\n\x00\x85")
