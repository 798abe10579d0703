"""The delivering loop of `digest work` and `digest run`."""

import logging

from sqlalchemy.exc import OperationalError

from digest.deliver import Delivered, deliver
from digest.errors import DatabaseError
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift

log = logging.getLogger(__name__)


def work_until(room: Mailroom, shift: Shift) -> None:
    """Delivers what is due, again and again, until `room.stop` is set. A database that is away for a while is waited for."""
    pause = room.settings.run.deliver_seconds
    while not room.stop.is_set():
        try:
            for stand in deliver(room, shift=shift):
                tell(stand)
        except (DatabaseError, OperationalError) as error:
            log.warning("The database did not answer, trying again in %g s: %s", pause, error)
        room.stop.wait(pause)


def tell(stand: Delivered) -> None:
    """How an edition stands, as a line of the log."""
    tally = stand.tally
    log.info(
        "%s %s: %s, %d accepted, %d waiting, %d refused, %d unknown%s",
        stand.edition.newsletter,
        f"{stand.edition.slot:%Y-%m-%dT%H:%MZ}",
        stand.edition.state,
        tally.accepted,
        tally.open,
        tally.refused,
        tally.unknown,
        f" ({stand.failure})" if stand.failure else "",
    )
