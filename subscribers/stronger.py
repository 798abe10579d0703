"""Two subscriptions to one newsletter turn out to be one person's: which of them holds. Pure.

- Neither has left: confirmed is stronger than pending.
- One has left: the other is stronger only if it was confirmed *later*. Who left by one address, and has only an older yes at the other, gets no more;
  and a wish that was never confirmed undoes no leaving.
- Both have left: the later leaving.
- Of two that are equal, that of the address that stays.
"""

from dataclasses import dataclass
from datetime import datetime

from subscribers.tables import SubscriptionState

CONFIRMED, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What one address says of one newsletter. `id` is that of the subscription."""

    id: int
    newsletter: str
    state: SubscriptionState
    confirmed_at: datetime | None
    unsubscribed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    stays: Word
    goes: Word


def stronger(ours: Word, theirs: Word) -> Pair:
    """Which of the two stays; `ours` is that of the address that stays."""
    return Pair(stays=theirs, goes=ours) if _beats(theirs, ours) else Pair(stays=ours, goes=theirs)


def because(pair: Pair) -> str:
    """Why that one stays, in words."""
    if pair.stays.state == pair.goes.state:
        return "both are"
    if pair.stays.state == UNSUBSCRIBED:
        return f"left, and not confirmed again since (the other is {pair.goes.state})"
    return f"stronger than {pair.goes.state}" if pair.goes.state == SubscriptionState.PENDING else "confirmed after the other was left"


def _beats(one: Word, other: Word) -> bool:
    if one.state == UNSUBSCRIBED and other.state == UNSUBSCRIBED:
        return _after(one.unsubscribed_at, other.unsubscribed_at)
    if one.state == UNSUBSCRIBED:
        return not _came_back(other, one)
    if other.state == UNSUBSCRIBED:
        return _came_back(one, other)
    return one.state == CONFIRMED != other.state


def _came_back(one: Word, left: Word) -> bool:
    return one.state == CONFIRMED and _after(one.confirmed_at, left.unsubscribed_at)


def _after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one > other
