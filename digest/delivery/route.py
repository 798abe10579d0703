"""A way out as the settings declare it: which transport, over how many connections, how fast, and what share of the mails."""

from collections.abc import Callable
from dataclasses import dataclass

from digest.delivery.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One relay, or the folder. `per_minute` 0: no limit. `warm_up`: how many mails it may get on its first day, its second …; then no limit."""

    name: str
    open: Callable[[], Transport]
    idempotent: bool = False  # the same mail may be handed over twice and is there once
    connections: int = 4  # of each worker
    at_most: int = 0  # of all workers together; 0: no limit
    weight: float = 1
    per_minute: float = 0
    warm_up: tuple[int, ...] = ()

    @property
    def limited(self) -> bool:
        return bool(self.per_minute or self.warm_up)
