"""gather → choose → compose → draw → inline → compile: everything up to the bytes, without writing anything. Draft, preview and publish share it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

from digest.budget import compile_in, within_budget
from digest.delivery.message import fixed_headers
from digest.editions.changes import UNCHANGED, Changes
from digest.editions.demand import Demand
from digest.editions.frames import Frame
from digest.editions.pool_record import to_bytes
from digest.editions.reach import Reach, reach, reduced
from digest.editions.store import Bytes
from digest.editions.values import Choice, Edition
from digest.errors import SettingsError
from digest.material import Gathered, gather_for, unchanged, without_collection
from digest.newsletter import Newsletter
from digest.render.compiled import CompiledEdition
from digest.settings import Settings

# What reads, chooses and draws is imported where it is used: everything that publishes or delivers knows this module, and a worker that only
# hands over would hold 30 MB of libraries for nothing (lxml, nh3, Jinja, premailer, Babel).
# ruff: noqa: PLC0415

__all__ = ["Chosen", "Gathered", "Prepared", "changed", "choose_from", "composed", "gather_for", "headers_of", "prepare", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What would be in the edition of a slot, and what it was chosen from. `choice` is as the editors left it; `changes` has their words, too."""

    gathered: Gathered
    choice: Choice
    changes: Changes = UNCHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An edition ready to be filled: its value, its bytes, and what had to be shortened, in so many `steps`, to keep within the size budget. `frames`
    are those in further languages of its readers; `reach` is what is drawn of its pool, None where that is all."""

    edition: Edition
    compiled: CompiledEdition
    headers: bytes
    notes: tuple[str, ...]
    frames: Mapping[str, Frame] = field(default_factory=dict)
    moved_to: datetime | None = None
    steps: int = 0
    reach: Reach | None = None

    @property
    def stored(self) -> Bytes:
        """As it is stored."""
        pool = to_bytes(self.edition.pool) if self.edition.pool else b""
        return Bytes(headers=self.headers, body=self.compiled.to_bytes(), pool=pool, frames=self.frames, moved_to=self.moved_to)


def choose_from(gathered: Gathered, *, site: str, allow_few: bool = False, changes: Changes = UNCHANGED) -> Chosen:
    """Decides what goes in, and changes it as editors did. Pure: the same gathered material and changes give the same choice."""
    from digest.editions.choose import choose

    with without_collection():
        choice = choose(
            gathered.snapshot,
            gathered.newsletter,
            window_start=gathered.window.start,
            cutoff=gathered.window.cutoff,
            site_host=urlsplit(site).hostname or "",
            allow_few=allow_few,
            demand=gathered.demand,
        )
    return changed(gathered, choice, changes)


def changed(gathered: Gathered, choice: Choice, changes: Changes) -> Chosen:
    """The choice that the program made of this material, as the editors left it. Pure."""
    from digest.editions.rework import rework

    if not changes.standing:
        return Chosen(gathered=gathered, choice=choice, changes=changes)
    with without_collection():
        left = rework(choice, changes, gathered.shown, gathered.newsletter, personal=gathered.demand.personal)
    return Chosen(gathered=gathered, choice=left, changes=changes)


def prepare(chosen: Chosen, settings: Settings, *, languages: Collection[str] | None = None) -> Prepared:
    """Composes and compiles what was chosen. Over the size budget, excerpts are shortened, then the lowest items dropped, and `notes` says so.

    `languages`: what further frames are made for; by default whatever its readers chose. With fewer it is good to look at, but its messages are not
    those that go out: the headers of an edition in one language stand in another order."""
    newsletter = chosen.gathered.newsletter
    whole = composed(chosen, settings, newsletter.language)
    its = _reach(whole, chosen.gathered.demand)
    edition, compiled, steps, notes = within_budget(reduced(whole, its) if its else whole, newsletter, settings)
    moved_to = chosen.gathered.moved_to
    headers = headers_of(edition, compiled, newsletter, moved_to)
    own = Prepared(edition=edition, compiled=compiled, headers=headers, notes=notes, moved_to=moved_to, steps=steps, reach=its)
    further = further_languages(newsletter, chosen.gathered.demand.languages if languages is None else languages)
    return replace(own, frames={language: frame_of(own, chosen, settings, language) for language in further})


def composed(chosen: Chosen, settings: Settings, language: str) -> Edition:
    """The edition as a value, of whatever size, with its own words in `language`."""
    from digest.editions.compose import compose
    from digest.render.translation import own_texts

    gathered = chosen.gathered
    return compose(
        chosen.choice,
        gathered.shown,
        gathered.newsletter,
        slot=gathered.slot,
        publication_name=settings.publication.name,
        site_url=settings.publication.url,
        last_subject=gathered.last_subject,
        texts=own_texts(language),
        served=gathered.demand.served if gathered.demand.personal else None,
        changes=chosen.changes,
    )


def further_languages(newsletter: Newsletter, chosen: Collection[str]) -> list[str]:
    """Of the languages that readers chose, those that there are texts in, without the newsletter's own."""
    from digest.render.translation import languages, pick

    ours = pick([newsletter.language], languages(), "")
    return sorted({pick([tag], languages(), "") for tag in chosen} - {"", ours})


def _reach(edition: Edition, demand: Demand) -> Reach | None:
    """What of an edition with a pool is in any reader's selection; None where all of it is drawn."""
    return reach(edition.pool, demand.wishes) if edition.pool and demand.wishes is not None else None


def frame_of(own: Prepared, chosen: Chosen, settings: Settings, language: str) -> Frame:
    """The edition in another language's frame, in as many steps shorter as the newsletter's `own`."""
    from digest.editions.shorten import shortened
    from digest.render.translation import own_texts

    whole = composed(chosen, settings, language)
    edition = reduced(whole, own.reach) if own.reach else whole
    for shorter, _ in islice(shortened(edition, own_texts(language)), own.steps):
        edition = shorter
    newsletter = chosen.gathered.newsletter
    compiled = compile_in(edition, newsletter, settings, language)
    return Frame(headers=headers_of(edition, compiled, newsletter, chosen.gathered.moved_to), body=compiled.to_bytes())


def headers_of(edition: Edition, compiled: CompiledEdition, newsletter: Newsletter, moved_to: datetime | None = None) -> bytes:
    """The header lines all messages of the edition share. Their date is the slot's, so that a preview has the bytes of the send, or the moment at
    which an editor sent it."""
    try:
        return fixed_headers(
            from_name=newsletter.from_name or newsletter.title,
            from_address=newsletter.from_address,
            reply_to=newsletter.reply_to,
            subject=edition.subject,
            date=moved_to or edition.slot,
            list_slug=newsletter.slug,
            list_title=newsletter.title,
            content_type=compiled.content_type,
        )
    except ValueError as error:
        where = f"[newsletters.{newsletter.slug}]"
        raise SettingsError(f"{where} {error}: write it like news@example.org, without a name and without brackets.") from error
