"""Writing down what became of deliveries: a batch of outcomes in at most two statements."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import ColumnElement, Connection, Update, bindparam, case, literal, or_, update

from digest.delivery.mask import mask
from digest.delivery.prepared import Prepared
from digest.delivery.retry import Backoff
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState, OutcomeKind, Settled

# As the driver takes them: `value` of an enumeration is a function in Python.
FINAL = {
    OutcomeKind.ACCEPTED: DeliveryState.ACCEPTED.value,
    OutcomeKind.DEFERRED: DeliveryState.REFUSED.value,  # when it is given up
    OutcomeKind.REFUSED: DeliveryState.REFUSED.value,
    OutcomeKind.UNKNOWN: DeliveryState.UNKNOWN.value,
    OutcomeKind.HELD: DeliveryState.HELD.value,
}
# Not IN: an expanding parameter cannot stand in a statement that is run for many rows at once.
OPEN = or_(DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.state == DeliveryState.UNKNOWN)

SETTLING = (
    update(DeliveryRow)
    .where(DeliveryRow.id == bindparam("its"), DeliveryRow.lease == bindparam("holder"), OPEN)
    .values(code=bindparam("said_code"), text=bindparam("said"), relay=bindparam("through"))
)
ROW = ("its", "said_code", "said", "through", "final")
ENDING = Prepared(SETTLING.values(attempts=DeliveryRow.attempts + 1, state=bindparam("final"), settled_at=bindparam("moment")), *ROW)
RETURNING = Prepared(SETTLING.values(state=DeliveryState.QUEUED, begun_at=None, settled_at=None), *ROW)


def settle(connection: Connection, lease: str, settled: Sequence[Settled], backoff: Backoff, now: datetime) -> int:
    """Moves each delivery to where its outcome leads; how many moved. What is no longer under `lease` stays as it is: someone else has taken it up.
    What was taken for unknown meanwhile, for this worker was cut off, is put right.

    Deferred goes back to the queue for later, and after the last try ends as refused with the relay's last words. With `backoff.resend` unknown
    goes back likewise, and ends as unknown. What is `returned` goes back as if it had never been begun.
    """
    again = (OutcomeKind.DEFERRED, OutcomeKind.UNKNOWN) if backoff.resend else (OutcomeKind.DEFERRED,)
    ended: list[tuple[int, int, str, str, str]] = []
    put_off: list[tuple[int, int, str, str, str]] = []
    returned: list[tuple[int, int, str, str, str]] = []
    for one in sorted(settled, key=attrgetter("delivery_id")):
        outcome = one.outcome
        kept = returned if one.returned else put_off if outcome.kind in again else ended
        kept.append((one.delivery_id, outcome.code, mask(outcome.text), one.relay, FINAL[outcome.kind]))
    shared = {"holder": lease, "moment": now}
    moved = ENDING.run(connection, shared, ended) + RETURNING.run(connection, {"holder": lease}, returned)
    rows = [{**shared, **dict(zip(ROW, row, strict=True))} for row in put_off]
    return moved + (connection.execute(_putting_off(backoff, now), rows).rowcount if rows else 0)


def _putting_off(backoff: Backoff, now: datetime) -> Update:
    given_up = DeliveryRow.attempts + 1 >= backoff.tries
    final = bindparam("final", type_=DeliveryRow.state.type)
    return SETTLING.values(
        attempts=DeliveryRow.attempts + 1,
        state=case((given_up, final), else_=literal(DeliveryState.QUEUED, DeliveryRow.state.type)),
        next_at=_next_try(backoff, now),
        begun_at=None,
        settled_at=case((given_up, bindparam("moment", type_=DeliveryRow.settled_at.type)), else_=None),
    )


def _next_try(backoff: Backoff, now: datetime) -> ColumnElement[datetime]:
    """`attempts` still counts the tries before this one."""
    moments = [literal(now + delay, DeliveryRow.next_at.type) for delay in backoff.delays]
    if len(moments) < 2:
        return moments[0] if moments else literal(now, DeliveryRow.next_at.type)
    return case(*((DeliveryRow.attempts == number, moment) for number, moment in enumerate(moments[:-1])), else_=moments[-1])
