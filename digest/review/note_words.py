"""What a note to an editor says."""

from collections.abc import Iterator
from datetime import datetime

from digest.editions.values import Edition, EditionState
from digest.newsletter import slugged
from digest.personal import slot_name
from digest.render.language import clock, day
from digest.render.note import LANGUAGE, Note
from digest.review.calendar import let_go
from digest.review.reminder import Occasion, Reminder
from digest.settings import Settings

# Of so many articles the titles are told.
TITLES = 12
HEADINGS = {
    Occasion.READY: "The draft is ready",
    Occasion.SOON: "It is nearly time, and nobody has let it go",
    Occasion.WAITS: "It did not go out: it waits",
}
SUBJECTS = {
    Occasion.READY: "{name}: the draft for {slot} is ready",
    Occasion.SOON: "{name}: still to be let go for {slot}",
    Occasion.WAITS: "{name}: not sent at {slot}, it waits",
}


def note_of(reminder: Reminder, edition: Edition, settings: Settings, now: datetime) -> Note:
    newsletter = reminder.newsletter
    name = newsletter.title if newsletter.cadence == newsletter.own_cadence else f"{newsletter.title} ({newsletter.cadence})"
    titles = tuple(story.title for story in edition.stories)
    more = (f"and {len(titles) - TITLES} more",) if len(titles) > TITLES else ()
    return Note(
        subject=SUBJECTS[reminder.occasion].format(name=name, slot=moment(reminder, reminder.edition.slot)),
        heading=HEADINGS[reminder.occasion],
        words=(_what(edition, len(titles)), *_then(reminder, now), *_how(reminder, settings)),
        stories=titles[:TITLES] + more,
        url=desk_url(reminder, settings),
        reason=f"You get this because your address is among the editors of {newsletter.title} in digest.toml.",
    )


def moment(reminder: Reminder, at: datetime) -> str:
    """As it is said in the newsletter's own zone, whatever its readers'."""
    zone = reminder.newsletter.time_zone
    return f"{day(at, LANGUAGE, zone)}, {clock(at, LANGUAGE, zone)}"


def desk_url(reminder: Reminder, settings: Settings) -> str:
    """The edition's page at the desk; empty where editors cannot reach it from elsewhere."""
    edition, desk = reminder.edition, settings.desk.url.rstrip("/")
    return f"{desk}/edition/{edition.newsletter}/{slugged(edition.cadence)}/{slot_name(edition.slot)}" if desk else ""


def _what(edition: Edition, articles: int) -> str:
    return f"“{edition.subject}”, with {articles} article{'' if articles == 1 else 's'}."


def _then(reminder: Reminder, now: datetime) -> Iterator[str]:
    newsletter, edition = reminder.newsletter, reminder.edition
    at, by = moment(reminder, reminder.at), moment(reminder, reminder.by)
    if let_go(newsletter, edition):
        yield f"It goes out on {at} unless somebody holds it."
        return
    act = f"{_act(reminder)}s"
    if edition.state is EditionState.HELD:
        yield f"It is held: {edition.reason}."
    yield (
        f"It goes out on {at} if somebody {act} it before." if now < reminder.at else f"Its time was {at}. It goes out as soon as somebody {act} it."
    )
    yield f"If nobody does by {by}, it lapses, and what is in it goes to the next edition."


def _how(reminder: Reminder, settings: Settings) -> Iterator[str]:
    if settings.desk.url:
        return
    newsletter, edition = reminder.newsletter, reminder.edition
    cadence = "" if newsletter.cadence == newsletter.own_cadence else f' --cadence "{newsletter.cadence}"'
    step = "hold" if let_go(newsletter, edition) else _act(reminder)
    yield f"To look at it: digest preview {newsletter.slug}{cadence}. To {step} it: digest edition {step} {newsletter.slug}{cadence}."


def _act(reminder: Reminder) -> str:
    """What lets it go."""
    held = reminder.edition.state is EditionState.HELD
    return "release" if held and reminder.newsletter.review != "approve" else "approve"
