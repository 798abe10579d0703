"""At which hours of their own day readers may have a newsletter: where it comes by their clocks, and while nobody is to be left in peace."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from digest.newsletter import Newsletter
from digest.offered import offered_hours
from digest.render.language import wall_clock
from subscribers.change import Choice

SPAN = timedelta(days=2 * 366)  # in which a schedule says at what times of day it is due
SAMPLE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What the page offers: each hour with its words, and the time of day of whoever chooses none ('' where there are several)."""

    usual: str
    each: tuple[tuple[int, str], ...]


def hours(newsletter: Newsletter, choice: Choice, language: str, now: datetime) -> Hours | None:
    """None where the newsletter does not ask. An hour that this reader has all the same is among them."""
    offered = offered_hours(newsletter)
    if not offered:
        return None
    usual = _usual(newsletter.at(newsletter.cadence_of(choice.cadence)), now)
    each = sorted({*offered, *([] if choice.hour is None else [choice.hour])})
    return Hours(usual=wall_clock(usual, language) if usual else "", each=tuple((hour, wall_clock(time(hour), language)) for hour in each))


def _usual(newsletter: Newsletter, now: datetime) -> time | None:
    """When it comes by everybody's clock, if that is always at the same time of day."""
    slots = islice(newsletter.slots(now, now + SPAN), SAMPLE) if newsletter.follows_readers else ()
    times = {slot.astimezone(newsletter.zone).time() for slot in slots}
    return times.pop() if len(times) == 1 else None
