"""Why a reader did or did not get an edition, in one sentence. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.delivery.queue import LEFT
from digest.delivery.values import DeliveryState
from digest.editions.store import StoredEdition
from digest.editions.values import EditionState
from digest.told import told
from subscribers.people import Record
from subscribers.suppression import Listed
from subscribers.tables import SubscriptionState

NOT_OUT = {
    EditionState.DRAFT: "it is not published yet",
    EditionState.APPROVED: "it is not queued yet",
    EditionState.HELD: "an editor held it",
    EditionState.SKIPPED: "the slot was skipped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The reader's row of the queue. `due`: not before; `plan`: the key of what they wanted when they were queued."""

    state: DeliveryState
    plan: str
    due: datetime
    tries: int
    begun_at: datetime | None
    settled_at: datetime | None
    relay: str
    code: int
    text: str

    @property
    def words(self) -> str:
        """What the relay said."""
        return " ".join(part for part in (str(self.code or ""), self.text) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the sentence goes by. `cadence` is the reader's now; `nothing_new`: by what they wanted when it was queued, `now_nothing_new`: by what
    they want now. `zone`: in which moments are told, `place`: where the reader is."""

    edition: StoredEdition
    queued_at: datetime | None
    delivery: Delivery | None
    history: Sequence[Record]
    created_at: datetime
    paused_until: datetime | None
    suppression: Listed | None
    cadence: str
    nothing_new: bool
    now_nothing_new: bool
    acted_at: datetime | None
    zone: str
    place: str
    now: datetime


def sentence(case: Case) -> str:
    """The answer."""
    return _of_delivery(case, case.delivery) if case.delivery else next(_reasons(case))


def _of_delivery(case: Case, delivery: Delivery) -> str:
    at = _both(case, delivery.settled_at) if delivery.settled_at else ""
    match delivery.state:
        case DeliveryState.ACCEPTED:
            return f"Yes: it was handed over on {at}, and the relay took it."
        case DeliveryState.QUEUED:
            return _waiting(case, delivery)
        case DeliveryState.SENDING:
            return "Just now: a worker has it in hand."
        case DeliveryState.REFUSED:
            given_up = f" after {delivery.tries} tries" if delivery.tries > 1 else ""
            return f"No: it was refused{given_up} on {at}: {delivery.words or 'without a word'}."
        case DeliveryState.SKIPPED:
            return f"No: {_skipped(case) if delivery.text == LEFT else delivery.text}."
        case DeliveryState.HELD:
            return "Not yet: their domain refuses you as a sender, and it is held until `digest edition resume`."
        case DeliveryState.CANCELLED:
            return f"No: the edition was cancelled before their turn{_reason(case)}."
        case DeliveryState.UNKNOWN:
            begun = told(delivery.begun_at or delivery.due, case.zone)
            return f"Nobody knows: it was handed over on {begun}, and the answer was never learnt."


def _waiting(case: Case, delivery: Delivery) -> str:
    if case.edition.state is EditionState.PAUSED:
        return f"Not yet: the edition is paused{_reason(case)}."
    due = _both(case, delivery.due)
    if delivery.tries:
        often = "once" if delivery.tries == 1 else f"{delivery.tries} times"
        return f"Not yet: it was put off {often} ({delivery.words or 'without a word'}), and is tried again from {due}."
    return f"Not yet: it is due on {due}." if delivery.due > case.now else f"Not yet: it has been due since {due}, and waits its turn."


def _both(case: Case, moment: datetime) -> str:
    """Where the operator is, and where the reader is."""
    here, there = told(moment, case.zone), told(moment, case.place)
    if here == there:
        return here
    day, _, clock = there.rpartition(" ")
    return f"{here} ({clock if here.startswith(day) else there} in {case.place})"


def _skipped(case: Case) -> str:
    if case.suppression:
        return f"{_suppressed(case.suppression, case.zone)}, after it was queued"
    last = case.history[-1] if case.history else None
    if last and last.state is SubscriptionState.UNSUBSCRIBED:
        return f"they left on {told(last.at, case.zone)} ({last.how}), after it was queued"
    return "they had left or were suppressed when their turn came, and are back since"


def _reasons(case: Case) -> Iterator[str]:
    """Why there is no delivery: the first that holds, and at last one that always does."""
    edition, queued = case.edition, case.queued_at
    if edition.state in NOT_OUT or queued is None:
        yield f"No, nobody did: {NOT_OUT.get(edition.state, 'it was never queued')}{_reason(case)}."
        return
    yield from _no_consent(case, queued)
    if case.suppression:
        yield f"No: {_suppressed(case.suppression, case.zone)}."
    if case.paused_until and case.paused_until > queued:
        yield f"No: they paused until {told(case.paused_until, case.zone)}, and it was queued on {told(queued, case.zone)}."
    if case.cadence != edition.cadence:
        yield f"No: they get “{edition.newsletter}” in another cadence: {case.cadence}, and this is the {edition.cadence} edition."
    if case.nothing_new:
        yield "No: there was nothing new in it for them, by what they follow and mute."
    if case.now_nothing_new:
        yield "No: by what they follow and mute now there is nothing new in it for them; what they wanted when it was queued is not kept."
    acted = f" They last changed something on {told(case.acted_at, case.zone)}." if case.acted_at and case.acted_at > queued else ""
    yield f"No, and nothing that is kept says why: they may have paused, or had another cadence or choice, when it was queued.{acted}"


def _no_consent(case: Case, queued: datetime) -> Iterator[str]:
    when = told(queued, case.zone)
    before = [record for record in case.history if record.at <= queued]
    if not before or case.created_at > queued:
        first = max(case.created_at, case.history[0].at) if case.history else case.created_at
        yield f"No: they joined on {told(first, case.zone)}, after it was queued ({when})."
        return
    last, later = before[-1], case.history[len(before) :]
    if last.state is SubscriptionState.PENDING:
        since = next((record.at for record in later if record.state is SubscriptionState.CONFIRMED), None)
        confirmed = f"confirmed only on {told(since, case.zone)}" if since else "have not confirmed to this day"
        yield f"No: they asked for it on {told(last.at, case.zone)}, but {confirmed}; it was queued on {when}."
    elif last.state is SubscriptionState.UNSUBSCRIBED:
        yield f"No: they had left on {told(last.at, case.zone)} ({last.how}); it was queued on {when}."


def _suppressed(found: Listed, zone: str) -> str:
    note = f" ({found.note})" if found.note else ""
    return f"nobody may write to this address since {told(found.at, zone)}: {found.reason}{note}"


def _reason(case: Case) -> str:
    return f" ({case.edition.reason.removesuffix('.')})" if case.edition.reason else ""
