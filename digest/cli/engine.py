"""Who tells workers what there is to deliver, as `[run] engine` says: each looks for itself, or jobs that Procrastinate brings to many machines."""

from functools import partial
from importlib import import_module
from types import ModuleType

from sqlalchemy import Engine

from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.publish import Dispatch, nobody
from digest.settings import Settings
from digest.worker import work_until


def dispatch_of(settings: Settings) -> Dispatch:
    """What publishing has to tell workers."""
    return nobody if settings.run.engine == "embedded" else partial(_cluster().dispatch, settings.cluster)


def work(room: Mailroom, shift: Shift) -> None:
    """Delivers until `room.stop` is set."""
    if room.settings.run.engine == "embedded":
        work_until(room, shift)
    else:
        _cluster().work(room, shift)


def upgrade_jobs(engine: Engine, settings: Settings) -> bool:
    """Makes the tables for jobs where they are needed. True when there was something to do."""
    return settings.run.engine == "procrastinate" and bool(_cluster().upgrade(engine))


def _cluster() -> ModuleType:
    """Loaded when it is needed: Procrastinate belongs to an extra, and takes its time to load. `wiring` has refused settings without it."""
    return import_module("digest.cluster")
