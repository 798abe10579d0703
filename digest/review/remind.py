"""Editors are written to when a draft is ready, when its time is near, and when it waits: each of them once for each."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.delivery.dkim import Signer
from digest.delivery.dkim_settings import keys_for
from digest.delivery.note_message import NoteHeading, note_id, note_lines
from digest.delivery.route import Route
from digest.delivery.values import Envelope, OutcomeKind
from digest.editions.standing import standing
from digest.errors import DigestError, TransportDown
from digest.prepare import composed
from digest.review.hand_in import hand_in
from digest.review.reminder import Reminder, reminder_of
from digest.review.told_once import claim, give_back, settle
from digest.settings import Settings
from digest.working import working

log = logging.getLogger(__name__)


def remind(engine: Engine, settings: Settings, routes: Sequence[Route], *, keys: Sequence[str], now: datetime) -> int:
    """Tells the editors of each standing edition what is to be told now; to how many of them. A mail that cannot leave now is tried again later."""
    with engine.begin() as connection:
        due = list(_due(connection, settings, now))
    return sum(_tell_all(engine, settings, routes, reminder, keys=keys, now=now) for reminder in due)


def _due(connection: Connection, settings: Settings, now: datetime) -> Iterator[Reminder]:
    for edition in standing(connection):
        declared = settings.newsletters.get(edition.newsletter)
        if declared and declared.editors and edition.cadence in declared.cadence_names:
            reminder = reminder_of(declared.at(edition.cadence), edition, now)
            if reminder:
                yield reminder


def _tell_all(engine: Engine, settings: Settings, routes: Sequence[Route], reminder: Reminder, *, keys: Sequence[str], now: datetime) -> int:
    edition_id, kind = reminder.edition.id, reminder.kind
    with engine.begin() as connection:
        ours = [editor for editor in dict.fromkeys(reminder.newsletter.editors) if claim(connection, edition_id, editor, kind, now)]
    told = 0
    for editor in ours:
        outcome = _tell(engine, settings, routes, reminder, editor, keys=keys, now=now)
        with engine.begin() as connection:
            if outcome:
                settle(connection, edition_id, editor, kind, outcome)
            else:
                give_back(connection, edition_id, editor, kind)
        told += outcome == OutcomeKind.ACCEPTED
    return told


def _tell(engine: Engine, settings: Settings, routes: Sequence[Route], reminder: Reminder, editor: str, *, keys: Sequence[str], now: datetime) -> str:
    """What became of it; empty where it is to be tried again."""
    label = reminder.newsletter.label
    try:
        outcome = hand_in(routes, _envelope(engine, settings, reminder, editor, keys=keys, now=now))
    except ValueError as error:
        log.warning("%s: an editor cannot be written to: %s", label, error)
        return "no address"
    except TransportDown as error:
        log.warning("%s: an editor is told later: %s", label, error)
        return ""
    except DigestError as error:
        log.warning("%s: an editor could not be told: %s", label, error)
        return ""
    if outcome.kind is not OutcomeKind.ACCEPTED:
        log.warning("%s: the relay did not take a note to an editor: %s %s", label, outcome.code, outcome.text)
    return "" if outcome.kind is OutcomeKind.DEFERRED else str(outcome.kind)


def _envelope(engine: Engine, settings: Settings, reminder: Reminder, editor: str, *, keys: Sequence[str], now: datetime) -> Envelope:
    """Raises `ValueError` where no header can hold the editor's address."""
    # Imported here: whoever has nobody to tell needs none of what draws.
    from digest.render.look import Look  # noqa: PLC0415
    from digest.render.note import LANGUAGE, draw_note  # noqa: PLC0415
    from digest.review.note_words import note_of  # noqa: PLC0415

    newsletter, edition = reminder.newsletter, reminder.edition
    with engine.begin() as connection:
        found = working(connection, settings, newsletter, edition.slot, now)
    note = note_of(reminder, composed(found.chosen, settings, newsletter.language), settings, now)
    own = settings.path(settings.render.themes)
    drawn = draw_note(note, Look.of_house(settings.publication, LANGUAGE), own=own, inliner=settings.render.inliner)
    sender = settings.letters.from_address or newsletter.from_address
    heading = NoteHeading(
        from_name=settings.letters.from_name or settings.publication.name,
        from_address=sender,
        to_address=editor,
        subject=note.subject,
        date=now,
        message_id=note_id(keys[-1], f"{edition.id}:{reminder.kind}", editor, sender.rpartition("@")[2]),
        content_type=drawn.content_type,
    )
    data = note_lines(heading) + drawn.body
    signing = keys_for(settings, sender)
    parts = (Signer(signing).sign(data), data) if signing else (data,)
    name = f"note-{newsletter.slug}-{edition.id}-{reminder.kind.replace(' ', '-')}-{editor}"
    return Envelope(name=name, sender=settings.delivery.bounce_address or sender, recipient=editor, parts=parts, seven_bit=data.isascii())
