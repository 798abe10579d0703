"""A `Pool` as bytes for a column of the edition's row, and back."""

from dataclasses import asdict
from json import dumps, loads
from typing import Any

from digest.editions.pool import Had, Item, Masthead, Pool, Said


def to_bytes(pool: Pool) -> bytes:
    """The same bytes for equal pools."""
    record = {
        **asdict(pool),
        "served": {served: {name: sorted(getattr(had, name)) for name in Had.__slots__} for served, had in pool.served.items()},
    }
    return dumps(record, sort_keys=True, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> Pool:
    """The value that `to_bytes` was given."""
    record: dict[str, Any] = loads(data)
    lists = {
        # In pools of versions without a desk a pin always led, and nothing was said of it.
        "items": tuple(Item(**{"first": item["pinned"], **item, "speakers": tuple(item["speakers"])}) for item in record["items"]),
        "top": tuple(map(_said, record["top"])),
        "recent": tuple(map(_said, record["recent"])),
        "join": tuple(record["join"]),
    }
    served = {name: Had(**{part: frozenset(ids) for part, ids in had.items()}) for name, had in record["served"].items()}
    return Pool(**{**record, **lists, "served": served, "masthead": Masthead(**record["masthead"])})


def _said(record: dict[str, Any]) -> Said:
    return Said(**{**record, "speakers": tuple(record["speakers"])})
