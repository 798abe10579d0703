"""The delivering loop of `digest work` and `digest run`."""

import logging

from sqlalchemy.exc import OperationalError

from digest.deliver import Delivered, Desk, deliver
from digest.errors import DatabaseError

log = logging.getLogger(__name__)


def work_until(desk: Desk) -> None:
    """Delivers what is due, again and again, until `desk.stop` is set. A database that is away for a while is waited for."""
    pause = desk.settings.run.deliver_seconds
    while not desk.stop.is_set():
        try:
            for stand in deliver(desk):
                _tell(stand)
        except (DatabaseError, OperationalError) as error:
            log.warning("The database did not answer, trying again in %g s: %s", pause, error)
        desk.stop.wait(pause)


def _tell(stand: Delivered) -> None:
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
