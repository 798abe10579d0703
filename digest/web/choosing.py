"""What a reader chooses of one newsletter on their own page: from a `Choice` to the form, and back. Each name has one field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from digest.newsletter import Newsletter
from digest.offered import offered_hours
from digest.web.form import Form
from subscribers.change import ALL, Choice

Kind = Literal["sections", "authors"]
FOLLOW, MUTE = "follow", "mute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A section or an author on the page."""

    name: str
    field: str
    way: str  # FOLLOW or MUTE; empty: as usual
    mutable: bool  # whether it may be left out


def named(kind: Kind, newsletter: Newsletter, choice: Choice) -> tuple[Named, ...]:
    """Those the newsletter offers, in its order, and others that this reader has chosen all the same."""
    followed, muted = _names(kind, choice)
    declared = _declared(kind, newsletter)
    return tuple(
        Named(
            name=name,
            field=_field(kind, newsletter, name),
            way=MUTE if name in muted else FOLLOW if name in followed else "",
            mutable=newsletter.sign_up.muting or name in muted,
        )
        for name in (*declared, *sorted((followed | muted).difference(declared)))
    )


def had_fields(newsletter: Newsletter, choice: Choice) -> Iterator[tuple[str, str]]:
    """The choice that a page shows, for hidden fields: their names and values. `shown_choice` reads it again."""
    for name, value in choice.columns.items():
        text = "\n".join(sorted(value)) if isinstance(value, frozenset) else "" if value is None else str(value)
        if text:
            yield f"had-{name}-{newsletter.slug}", text


def shown_choice(form: Form, newsletter: Newsletter) -> Choice:
    """What the page had shown, which it brings along."""
    had = {name: form.one(f"had-{name}-{newsletter.slug}") for name in ALL.columns}
    sets = {name: frozenset(had[name].splitlines()) - {""} for name in ("sections", "authors", "muted_sections", "muted_authors")}
    return Choice(cadence=_cadence(had["cadence"], newsletter), hour=_hour(had["hour"]), **sets)


def said_choice(form: Form, newsletter: Newsletter, shown: Choice) -> Choice:
    """What the page says now. What is neither offered nor was shown counts for nothing."""
    hour = _hour(form.one(f"hour-{newsletter.slug}"))
    return Choice(
        cadence=_cadence(form.one(f"cadence-{newsletter.slug}"), newsletter),
        sections=frozenset(_said("sections", FOLLOW, form, newsletter, shown)),
        authors=frozenset(_said("authors", FOLLOW, form, newsletter, shown)),
        muted_sections=frozenset(_said("sections", MUTE, form, newsletter, shown)),
        muted_authors=frozenset(_said("authors", MUTE, form, newsletter, shown)),
        hour=hour if hour == shown.hour or hour in offered_hours(newsletter) else None,
    )


def _said(kind: Kind, way: str, form: Form, newsletter: Newsletter, shown: Choice) -> Iterator[str]:
    had = _names(kind, shown)[way == MUTE]
    offered = _declared(kind, newsletter) if way == FOLLOW or newsletter.sign_up.muting else ()
    return (name for name in {*offered, *had} if form.one(_field(kind, newsletter, name)) == way)


def _names(kind: Kind, choice: Choice) -> tuple[frozenset[str], frozenset[str]]:
    """Those that are followed, and those that are left out."""
    return (choice.sections, choice.muted_sections) if kind == "sections" else (choice.authors, choice.muted_authors)


def _declared(kind: Kind, newsletter: Newsletter) -> tuple[str, ...]:
    return newsletter.sign_up.sections if kind == "sections" else newsletter.sign_up.authors


def _field(kind: Kind, newsletter: Newsletter, name: str) -> str:
    return f"{kind}-{newsletter.slug}/{name}"


def _cadence(text: str, newsletter: Newsletter) -> str:
    return text if text in newsletter.offered_cadences else ""


def _hour(text: str) -> int | None:
    return int(text) if text in _HOURS else None


_HOURS = frozenset(str(hour) for hour in range(24))
