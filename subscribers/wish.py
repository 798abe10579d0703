"""What a reader wants of a newsletter's editions, and the one text that says it: readers of equal wishes share a plan. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

# Between the parts of a key, in the order of `Wish`. No name holds it: names are lines without control characters.
SEPARATOR = "\x1f"
MOMENT = "%Y%m%dT%H%MZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where a reader stood when they changed to another cadence: what editions of `cadence` held, up to the slot `until` and with it, was theirs."""

    cadence: str
    until: datetime

    def __str__(self) -> str:
        return f"{self.cadence} {self.until.astimezone(UTC).strftime(MOMENT)}"

    @classmethod
    def parse(cls, text: str) -> "Served | None":
        """None for the empty text: the reader changed nothing, or has long been served in the new cadence."""
        if not text:
            return None
        cadence, _, until = text.rpartition(" ")
        return cls(cadence=cadence, until=datetime.strptime(until, MOMENT).replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Sections and authors by the names the reader chose them by; with none followed, all is wanted. `served` is a `Served` as text, or empty."""

    sections: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    muted_sections: frozenset[str] = frozenset()
    muted_authors: frozenset[str] = frozenset()
    served: str = ""

    @property
    def key(self) -> str:
        """Equal for equal wishes; the empty text for whoever wants what everybody gets."""
        names = (self.sections, self.authors, self.muted_sections, self.muted_authors)
        parts = [*("\n".join(("", *sorted(some), "")) if some else "" for some in names), self.served]
        return SEPARATOR.join(parts) if any(parts) else ""

    @classmethod
    def parse(cls, key: str) -> "Wish":
        """The wish whose key this is."""
        if not key:
            return EVERYTHING
        *names, served = key.split(SEPARATOR)
        sections, authors, muted_sections, muted_authors = (frozenset(some.split("\n")) - {""} for some in names)
        return cls(sections=sections, authors=authors, muted_sections=muted_sections, muted_authors=muted_authors, served=served)


EVERYTHING = Wish()
