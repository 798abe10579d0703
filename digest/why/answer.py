"""Why one reader did or did not get an edition, with these items, at this time: everything that is kept of it, in one answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from digest.editions import store
from digest.editions.store import StoredEdition
from digest.editions.tables import EditionRow
from digest.errors import DigestError
from digest.settings import Settings
from digest.told import told
from digest.why.because import Case, sentence
from digest.why.evidence import Asked, Evidence
from subscribers import people
from subscribers.address import Address
from subscribers.profile import Profile, profile
from subscribers.suppression import Listed, listed
from subscribers.tables import SuppressionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """`answer`: one sentence. `evidence` is None of somebody of whom nothing is kept, or who never subscribed to this newsletter."""

    answer: str
    edition: StoredEdition
    queued_at: datetime | None
    evidence: Evidence | None = None


def why(engine: Engine, settings: Settings, who: Address, edition: StoredEdition, *, keys: list[str], now: datetime) -> Why:
    """The answer for the person with this address. Raises `DigestError` where nobody has or had it."""
    newsletter = settings.newsletter(edition.newsletter).of_edition(edition.cadence)
    zone = settings.publication.time_zone
    with engine.begin() as connection:
        queued_at = connection.scalar(select(EditionRow.sending_at).where(EditionRow.id == edition.id))
        known, person = people.find_reader(connection, edition.newsletter, who.address), profile(connection, who, keys=keys)
        barred = listed(connection, who, keys=keys)
        if known is None or person is None:
            return Why(answer=_stranger(edition, person, barred, zone), edition=edition, queued_at=queued_at)
        asked = Asked(connection, settings, newsletter, edition, known)
        history = tuple(record for record in people.history(connection, who) if record.newsletter == edition.newsletter)
        held = next(one for one in person.subscriptions if one.newsletter == edition.newsletter)
        evidence = asked.evidence(held, history, barred)
        case = Case(
            edition=edition,
            queued_at=queued_at,
            delivery=evidence.delivery,
            history=history,
            created_at=held.created_at,
            paused_until=held.paused_until,
            suppression=barred,
            cadence=evidence.cadence,
            nothing_new=asked.had_nothing_new(),
            now_nothing_new=asked.has_nothing_new(),
            acted_at=person.acted_at,
            zone=zone,
            place=evidence.arrival.zone,
            now=now,
        )
    return Why(answer=sentence(case), edition=edition, queued_at=queued_at, evidence=evidence)


def edition_asked(connection: Connection, settings: Settings, which: str, cadence: str | None, who: Address, *, keys: Sequence[str]) -> StoredEdition:
    """By its number, or a newsletter's latest in this cadence: without one, if there is any, in that in which this reader gets it. Raises
    `DigestError`."""
    if which.isdecimal() and which not in settings.newsletters:
        if connection.scalar(select(EditionRow.id).where(EditionRow.id == int(which))) is None:
            raise DigestError(f"There is no edition {which}: `digest status` shows the numbers of the last ones.")
        return store.get(connection, int(which))
    newsletter = settings.newsletter(which, cadence)
    if cadence is None:
        person = profile(connection, who, keys=keys)
        chosen = next((one.cadence for one in person.subscriptions if one.newsletter == which), "") if person else ""
        newsletter = newsletter.at(newsletter.cadence_of(chosen))
    found = store.latest(connection, newsletter=which, cadence=newsletter.cadence, limit=1)
    if not found and cadence is None:
        found = store.latest(connection, newsletter=which, limit=1)
    if not found:
        raise DigestError(f"“{which if cadence is None else newsletter.label}” has no edition yet: `digest status` shows those there are.")
    return found[0]


def _stranger(edition: StoredEdition, person: Profile | None, barred: Listed | None, zone: str) -> str:
    if person is not None:
        others = [one.newsletter for one in person.subscriptions]
        has = f"; what they have or had is {', '.join(others)}" if others else ""
        return f"No: they never subscribed to “{edition.newsletter}”{has}."
    if barred is None:
        raise DigestError(
            "Nobody has this address: is it spelled as the reader gave it? `digest subscribers list --find WORDS` looks for a part of it."
        )
    since = told(barred.at, zone)
    if barred.reason is SuppressionReason.ERASED:
        return f"Nobody can tell: who had this address was erased on {since}, and nothing is kept of what they got; they get nothing since."
    return f"No: nobody has this address, and nobody may write to it since {since} ({barred.reason})."
