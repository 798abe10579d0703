"""What was dear to make is kept for a while: the last few things, each made once, however many ask for it at the same time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

Made = TypeVar("Made")


class _Place:
    def __init__(self) -> None:
        self.lock, self.renewing = Lock(), Lock()
        self.made: tuple[object, ...] = ()


class Shelf:
    """Holds `size` things at most; what was not asked for the longest goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._places: OrderedDict[Hashable, _Place] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gave for this key; the key must say all that it depends on. What `make` raises is raised, and not kept."""
        place = self._place(key)
        with place.lock:
            if not place.made:
                place.made = (make(),)
            return cast("Made", place.made[0])

    def renew(self, key: Hashable, make: Callable[[], Made]) -> None:
        """Makes it anew while whoever asks goes on with what there is; not where somebody is at it already."""
        place = self._place(key)
        if place.renewing.acquire(blocking=False):
            try:
                place.made = (make(),)
            finally:
                place.renewing.release()

    def _place(self, key: Hashable) -> _Place:
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            while len(self._places) > self._size:
                self._places.popitem(last=False)
            return place
