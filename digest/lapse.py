"""What forms brought and nobody confirmed goes after a while: beside the letters, once an hour by whichever worker comes first."""

from datetime import timedelta

from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.limits import Limit, allow
from subscribers.lapse import lapse as lapse_some

# After the link in the letter is too old: until then its page writes a new one at a press.
KEPT = timedelta(days=30)
HOURLY = Limit(what="lapse", count=1, period=timedelta(hours=1))
BATCH = 200  # people in a transaction: nobody waits for it


def lapse(room: Mailroom, shift: Shift) -> int:
    """Ends sign-ups that were not confirmed in time, unless somebody has within the hour. Of how many people."""
    now = room.clock()
    with shift.writing, room.engine.begin() as connection:
        if not allow(connection, HOURLY, "", key=room.keys[-1], now=now):
            return 0
    before = now - timedelta(hours=room.settings.letters.confirm_hours) - KEPT
    number, done = 0, BATCH
    while done == BATCH and not room.stop.is_set():
        with shift.writing, room.engine.begin() as connection:
            done = lapse_some(connection, before=before, now=now, limit=BATCH)
        number += done
    return number
