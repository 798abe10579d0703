"""The lane of letters: a thread of its own beside whatever else a process does, so that no edition of any size keeps one waiting."""

import logging
import threading
from time import monotonic
from types import TracebackType
from typing import Self

from digest.errors import DigestError
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.lapse import lapse
from digest.post import post

LOOK_SECONDS = 1.0  # how soon a letter is found that another process queued
TROUBLED_SECONDS = 5.0  # how long it is waited when that went wrong
TIDY_SECONDS = 600.0  # how often it is asked whether sign-ups lapse: that costs a write

log = logging.getLogger(__name__)


class Lane:
    """Within `with`, letters leave as soon as they are due, at once whatever is due at its beginning. `wake` says that one may be."""

    def __init__(self, room: Mailroom, shift: Shift) -> None:
        self._room = room
        self._shift = shift
        self._awake = threading.Event()
        self._over = threading.Event()
        self._trouble = ""
        self._tidy_at = monotonic()
        self._thread = threading.Thread(target=self._run, name="letters", daemon=True)

    def wake(self) -> None:
        self._awake.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._awake.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            well = self._look()
            if self._awake.wait(LOOK_SECONDS if well else TROUBLED_SECONDS):
                self._awake.clear()
            if self._over.is_set() or self._room.stop.is_set():
                return

    def _look(self) -> bool:
        try:
            post(self._room, self._shift)
            self._tidy()
        except DigestError as error:
            self._tell(str(error))
            return False
        except Exception as error:  # the lane has nobody who would start it again; no text of a stranger's error is logged: it may hold an address
            self._tell(f"letters stand still for a moment ({type(error).__name__})")
            log.debug("what it was", exc_info=True)
            return False
        self._trouble = ""
        return True

    def _tidy(self) -> None:
        if monotonic() >= self._tidy_at:
            lapse(self._room, self._shift)
            self._tidy_at = monotonic() + TIDY_SECONDS

    def _tell(self, trouble: str) -> None:
        """Once, and not again as long as it is the same."""
        if trouble != self._trouble:
            log.warning("Letters wait: %s", trouble)
        self._trouble = trouble
