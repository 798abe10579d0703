"""A page that comes back: what was changed on it stands, and of all else what is kept, which may be newer than the page. Pure."""

from typing import TypeVar

from subscribers.change import Choice

Said = TypeVar("Said")


def newer(kept: Said, shown: Said, said: Said) -> Said:
    """What the page says, if that is not what it had shown."""
    return kept if said == shown else said


def newer_choice(kept: Choice, shown: Choice, said: Choice) -> Choice:
    """The same for a whole choice: of sections and authors name by name, so that each is followed, left out, or neither."""
    sections, muted_sections = _apart(*((one.sections, one.muted_sections) for one in (kept, shown, said)))
    authors, muted_authors = _apart(*((one.authors, one.muted_authors) for one in (kept, shown, said)))
    return Choice(
        cadence=newer(kept.cadence, shown.cadence, said.cadence),
        sections=sections,
        authors=authors,
        muted_sections=muted_sections,
        muted_authors=muted_authors,
        hour=newer(kept.hour, shown.hour, said.hour),
    )


Names = tuple[frozenset[str], frozenset[str]]  # those that are followed, and those that are left out


def _apart(kept: Names, shown: Names, said: Names) -> Names:
    follows_now, mutes_now = said[0] - shown[0], said[1] - shown[1]
    followed = (kept[0] - (shown[0] - said[0])) | follows_now
    muted = (kept[1] - (shown[1] - said[1])) | mutes_now
    return followed - mutes_now, muted - follows_now
