"""When a delivery that was put off is tried again, and when it is given up. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from digest.settings import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """`minutes` between one try and the next, growing; the last one repeats until `give_up_hours` have gone by in waiting.

    Only waiting counts, not the wall clock: a worker that was off for three days does not come back to throw its queue away.
    `resend` is the newsletter's answer to an outcome never learnt: try again (perhaps the reader gets it twice) or leave it to a person.
    """

    minutes: tuple[float, ...] = (2, 10, 30, 60, 120, 240)
    give_up_hours: float = 48
    resend: bool = False

    @classmethod
    def of(cls, delivery: Delivery, *, resend: bool = False) -> "Backoff":
        return cls(minutes=delivery.retry_minutes, give_up_hours=delivery.give_up_hours, resend=resend)

    @property
    def delays(self) -> tuple[timedelta, ...]:
        """The wait after the first try, the second, …; after the last of them it waits that long every time."""
        return tuple(timedelta(minutes=minutes) for minutes in self.minutes)

    @property
    def tries(self) -> int:
        """How many tries there are in all, the first included: no wait begins that would end after the limit."""
        waited, tries, limit = timedelta(), 1, timedelta(hours=self.give_up_hours)
        for delay in self.delays:
            if waited + delay > limit:
                return tries
            waited, tries = waited + delay, tries + 1
        last = self.delays[-1] if self.delays else timedelta()
        return tries + (limit - waited) // last if last else tries
