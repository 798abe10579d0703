"""How an edition stands that is still to go out, and what it waits for, in words for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from digest.editions.store import StoredEdition
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.review.calendar import goes_at, lapses_at, let_go
from digest.settings import Settings
from digest.told import told


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of an edition that stands. `goes_at`: when it goes out, None while it waits to be let go; `waits_for` an editor, empty where for
    none; `lapses_at`: when it is too late. Of a newsletter that is not declared any more nothing is known but that it stays."""

    edition: StoredEdition
    live: bool
    goes_at: datetime | None
    waits_for: str
    waits_since: datetime | None
    lapses_at: datetime | None

    def words(self, zone: str) -> str:
        """In a few words, with moments as they are in `zone`."""
        return ", ".join(self._words(zone))

    def _words(self, zone: str) -> Iterator[str]:
        if self.goes_at:
            unless = " unless it is held" if self.edition.state is EditionState.DRAFT else ""
            yield f"goes out {told(self.goes_at, zone)}{unless}"
        elif self.lapses_at is None:
            yield self.waits_for
        else:
            since = f" since {told(self.waits_since, zone)}" if self.waits_since else ""
            yield f"waits{since} for {self.waits_for}"
            yield f"lapses {told(self.lapses_at, zone)}"
        if self.live:
            yield "still follows the store"
        if self.edition.reason:
            yield self.edition.reason

    def as_json(self) -> dict[str, object]:
        names = ("id", "newsletter", "cadence", "slot", "cutoff", "state", "reason", "chosen_at")
        its = {name: getattr(self.edition, name) for name in names}
        mine = ("live", "goes_at", "waits_for", "waits_since", "lapses_at")
        return its | {name: getattr(self, name) for name in mine}


def fate(settings: Settings, edition: StoredEdition, now: datetime) -> Fate:
    newsletter = _declared(settings, edition)
    if newsletter is None:
        return Fate(
            edition=edition, live=False, goes_at=None, waits_for="waits: its newsletter is not declared any more", waits_since=None, lapses_at=None
        )
    free, at = let_go(newsletter, edition), goes_at(newsletter, edition)
    return Fate(
        edition=edition,
        live=edition.chosen_at is None,
        goes_at=at if free else None,
        waits_for="" if free else "release" if edition.state is EditionState.HELD else "approval",
        waits_since=None if free or at > now else at,
        lapses_at=None if free else lapses_at(newsletter, edition),
    )


def _declared(settings: Settings, edition: StoredEdition) -> Newsletter | None:
    """The edition's newsletter, in its cadence; None where either is not declared any more."""
    letter = settings.newsletters.get(edition.newsletter)
    return letter.at(edition.cadence) if letter and edition.cadence in letter.cadence_names else None
