"""What a check finds: where, what, why it matters and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Level", "Rule"]


class Level(StrEnum):
    """From the least to the gravest."""

    NOTE = "note"  # good to know; nobody gets anything broken
    WARNING = "warning"  # some readers get it worse than it could be
    ERROR = "error"  # this must not go out

    @property
    def weight(self) -> int:
        return list(Level).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to mend. `where` is the part of the mail, `what` one sentence, and `details` what it is made of; `spot` is the element on the page
    (see `spot.py`), empty where there is none."""

    where: str
    what: str
    level: Level = Level.WARNING
    rule: str = ""
    why: str = ""
    mend: str = ""
    spot: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is looked for: all findings of one kind have its level, its reason and its remedy. `id` is the part of the mail, a dot, and a word."""

    id: str
    level: Level = Level.WARNING
    why: str
    mend: str

    def found(self, what: str, spot: str = "", *, level: Level | None = None, details: tuple[str, ...] = ()) -> Finding:
        level = level or self.level
        return Finding(where=self.where, what=what, level=level, rule=self.id, why=self.why, mend=self.mend, spot=spot, details=details)

    @property
    def where(self) -> str:
        return self.id.partition(".")[0]
