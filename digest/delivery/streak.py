"""How many readers in a row were refused: many together are no accident of addresses, and the edition should stop before all are."""

from collections.abc import Sequence

from sqlalchemy import Connection, update

from digest.delivery.tables import StreakRow
from digest.delivery.values import Outcome, OutcomeKind
from digest.delivery.verdict import Verdict, verdict
from subscribers.upsert import insert

# So many batches of acceptances the streak is taken to be 0 without writing it down: another worker may have met refusals since.
TRUSTED = 100


class Streak:
    """Of one edition, shared by a worker's connections. The database knows it: another worker, or the next one, goes on counting.

    `reached`: this worker met the refusal that was one too many. `limit` 0 is none.
    """

    def __init__(self, edition_id: int, *, limit: int) -> None:
        self.reached = False
        self._edition_id = edition_id
        self._limit = limit
        self._trusted = 0  # for so many batches more the streak in the database is taken to be 0

    def count(self, connection: Connection, outcomes: Sequence[Outcome]) -> bool:
        """Whether the limit is reached with these, in their order. The count then begins anew: whoever lets the edition go on has looked at it."""
        if not self._limit:
            return False
        number, accepted = _trailing(outcomes)
        if not number:
            if accepted:
                self._reset(connection)
            return False
        self._trusted = 0
        total = self._add(connection, number, anew=accepted)
        if total < self._limit:
            return False
        self._write_zero(connection)
        self.reached = True
        return True

    def _reset(self, connection: Connection) -> None:
        if self._trusted:
            self._trusted -= 1
        else:
            self._write_zero(connection)
            self._trusted = TRUSTED

    def _write_zero(self, connection: Connection) -> None:
        met = update(StreakRow).where(StreakRow.edition_id == self._edition_id, StreakRow.number > 0)
        connection.execute(met.values(number=0))

    def _add(self, connection: Connection, number: int, *, anew: bool) -> int:
        row = insert(connection, StreakRow).values(edition_id=self._edition_id, number=number)
        total = number if anew else StreakRow.number + number
        added = row.on_conflict_do_update(index_elements=["edition_id"], set_={"number": total}).returning(StreakRow.number)
        return connection.scalars(added).one()


def _trailing(outcomes: Sequence[Outcome]) -> tuple[int, bool]:
    """How many readers were refused since the last acceptance, and whether there was one."""
    number = 0
    for outcome in reversed(outcomes):
        if outcome.kind is OutcomeKind.ACCEPTED:
            return number, True
        number += outcome.kind is OutcomeKind.REFUSED and verdict(outcome) is Verdict.READER
    return number, False
