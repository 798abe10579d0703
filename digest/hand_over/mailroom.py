"""What a delivery run works with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from digest.delivery.route import Route
from digest.delivery.values import Outcome
from digest.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailroom:
    """`handed_over` is told of every outcome; `stop` ends a run after the messages under way. `kind` is the command, for `digest status`."""

    engine: Engine
    settings: Settings
    routes: tuple[Route, ...]
    keys: list[str]
    clock: Callable[[], datetime]
    kind: str = "send"
    stop: threading.Event = field(default_factory=threading.Event)
    handed_over: Callable[[Outcome], None] = lambda outcome: None
