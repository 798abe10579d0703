"""Writing down what became of deliveries: a batch of outcomes in at most two statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, bindparam, case, literal, update

from digest.delivery.mask import mask
from digest.delivery.retry import Backoff
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState, OutcomeKind, Settled

FINAL = {
    OutcomeKind.ACCEPTED: DeliveryState.ACCEPTED,
    OutcomeKind.DEFERRED: DeliveryState.REFUSED,  # when it is given up
    OutcomeKind.REFUSED: DeliveryState.REFUSED,
    OutcomeKind.UNKNOWN: DeliveryState.UNKNOWN,
}


def settle(connection: Connection, lease: str, settled: Sequence[Settled], backoff: Backoff, now: datetime) -> int:
    """Moves each delivery to where its outcome leads; how many moved. What is no longer under `lease` stays as it is: someone else has taken it up.

    Deferred goes back to the queue for later, and after the last try ends as refused with the relay's last words. With `backoff.resend` unknown
    goes back likewise, and ends as unknown.
    """
    again = (OutcomeKind.DEFERRED, OutcomeKind.UNKNOWN) if backoff.resend else (OutcomeKind.DEFERRED,)
    ended = [_row(one) for one in settled if one.outcome.kind not in again]
    put_off = [_row(one) for one in settled if one.outcome.kind in again]
    return _run(connection, _ending(lease, now), ended) + _run(connection, _putting_off(lease, backoff, now), put_off)


def _run(connection: Connection, statement: Update, rows: list[dict[str, Any]]) -> int:
    return connection.execute(statement, sorted(rows, key=lambda row: int(row["its"]))).rowcount if rows else 0


def _row(one: Settled) -> dict[str, Any]:
    return {"its": one.delivery_id, "final": FINAL[one.outcome.kind], "said_code": one.outcome.code, "said": mask(one.outcome.text)}


def _settling(lease: str) -> Update:
    guarded = update(DeliveryRow).where(DeliveryRow.id == bindparam("its"), DeliveryRow.lease == lease, DeliveryRow.state == DeliveryState.SENDING)
    return guarded.values(attempts=DeliveryRow.attempts + 1, lease="", lease_until=None, code=bindparam("said_code"), text=bindparam("said"))


def _ending(lease: str, now: datetime) -> Update:
    return _settling(lease).values(state=bindparam("final"), settled_at=now)


def _putting_off(lease: str, backoff: Backoff, now: datetime) -> Update:
    given_up = DeliveryRow.attempts + 1 >= backoff.tries
    final = bindparam("final", type_=DeliveryRow.state.type)
    return _settling(lease).values(
        state=case((given_up, final), else_=literal(DeliveryState.QUEUED, DeliveryRow.state.type)),
        next_at=_next_try(backoff, now),
        begun_at=None,
        settled_at=case((given_up, literal(now, DeliveryRow.settled_at.type)), else_=None),
    )


def _next_try(backoff: Backoff, now: datetime) -> ColumnElement[datetime]:
    """`attempts` still counts the tries before this one."""
    moments = [literal(now + delay, DeliveryRow.next_at.type) for delay in backoff.delays]
    if len(moments) < 2:
        return moments[0] if moments else literal(now, DeliveryRow.next_at.type)
    return case(*((DeliveryRow.attempts == number, moment) for number, moment in enumerate(moments[:-1])), else_=moments[-1])
