"""gather → choose → compose → draw → inline → compile: everything up to the bytes, without writing anything. Draft, preview and publish share it."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

from sqlalchemy import Connection

from digest.budget import compile_in, within_budget
from digest.content.values import Snapshot
from digest.delivery.message import fixed_headers
from digest.editions.demand import NOBODY, Demand
from digest.editions.frames import Frame
from digest.editions.ledger import History, history
from digest.editions.met import first_met_in
from digest.editions.pool_record import to_bytes
from digest.editions.store import Bytes, StoredEdition, beginning, first_start, last_out
from digest.editions.values import Choice, Edition
from digest.editions.window import Window, window
from digest.errors import SettingsError
from digest.newsletter import Newsletter
from digest.render.compiled import CompiledEdition
from digest.settings import Settings

# What reads, chooses and draws is imported where it is used: everything that publishes or delivers knows this module, and a worker that only
# hands over would hold 30 MB of libraries for nothing (lxml, nh3, Jinja, premailer, Babel).
# ruff: noqa: PLC0415


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that the edition of a slot may be made of, read in one go."""

    newsletter: Newsletter
    slot: datetime
    window: Window
    snapshot: Snapshot
    last_subject: str
    demand: Demand = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What would be in the edition of a slot, and what it was chosen from."""

    gathered: Gathered
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An edition ready to be filled: its value, its bytes, and what had to be shortened to keep within the size budget. `frames` are those in further
    languages of its readers."""

    edition: Edition
    compiled: CompiledEdition
    headers: bytes
    notes: tuple[str, ...]
    frames: Mapping[str, Frame] = field(default_factory=dict)

    @property
    def stored(self) -> Bytes:
        """As it is stored."""
        pool = to_bytes(self.edition.pool) if self.edition.pool else b""
        return Bytes(headers=self.headers, body=self.compiled.to_bytes(), pool=pool, frames=self.frames)


def gather_for(connection: Connection, newsletter: Newsletter, slot: datetime, demand: Demand = NOBODY) -> Gathered:
    """Reads the store for `slot`'s edition, in a fixed number of queries. `demand` is what its readers want beyond what everybody gets."""
    from digest.content.gather import gather

    last = last_out(connection, newsletter.slug, newsletter.cadence, slot)
    span = _span(connection, newsletter, slot, last)
    past = _past(connection, newsletter, slot)
    with without_collection():
        snapshot = gather(
            connection,
            sources=newsletter.sources,
            start=span.reach,
            cutoff=span.cutoff,
            comments_from=span.start,
            sent=past.sent,
            considered=past.considered,
            quoted=past.quoted,
            quoted_people=past.quoted_people,
            missed=demand.missed,
        )
    return Gathered(newsletter=newsletter, slot=slot, window=span, snapshot=snapshot, last_subject=last.subject if last else "", demand=demand)


def _span(connection: Connection, newsletter: Newsletter, slot: datetime, last: StoredEdition | None) -> Window:
    slug, cadence, others = newsletter.slug, newsletter.cadence, newsletter.cadence_names
    first = first_start(connection, slug, cadence, slot)
    if last or first:
        return window(newsletter, slot, last_cutoff=last.seen_until if last else None, first_start=first)
    met = first_met_in(connection, slug, cadence) if newsletter.every_article else None
    stood = beginning(connection, slug, cadence, slot, others=others) if len(others) > 1 else None
    return window(newsletter, slot, last_cutoff=None, first_start=None, met=met, stood=stood)


def unchanged(connection: Connection, gathered: Gathered) -> bool:
    """Whether no other edition of the newsletter has taken anything, or given it back, since this was gathered."""
    past = _past(connection, gathered.newsletter, gathered.slot)
    return (past.considered, past.quoted) == (gathered.snapshot.considered, gathered.snapshot.quoted)


def _past(connection: Connection, newsletter: Newsletter, slot: datetime) -> History:
    oldest = slot - timedelta(days=newsletter.articles.maximum_age_days)
    return history(connection, newsletter.slug, newsletter.cadence, slot, oldest)


def choose_from(gathered: Gathered, *, site: str, allow_few: bool = False) -> Chosen:
    """Decides what goes in. Pure: the same gathered material gives the same choice."""
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
    return Chosen(gathered=gathered, choice=choice)


@contextmanager
def without_collection() -> Iterator[None]:
    """The search for rings of garbage stands still, in the whole process, and goes on however this ends. Values that hold no rings need nobody who
    looks for them: among 100,000 comments that takes an eighth of the time. Where two do this at once, the first to have begun switches it on again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def prepare(chosen: Chosen, settings: Settings) -> Prepared:
    """Composes and compiles what was chosen. Over the size budget, excerpts are shortened, then the lowest items dropped, and `notes` says so."""
    newsletter = chosen.gathered.newsletter
    edition, compiled, steps, notes = within_budget(composed(chosen, settings, newsletter.language), newsletter, settings)
    frames = {language: _frame(chosen, settings, language, steps) for language in _further(newsletter, chosen.gathered.demand)}
    return Prepared(edition=edition, compiled=compiled, headers=headers_of(edition, compiled, newsletter), notes=notes, frames=frames)


def composed(chosen: Chosen, settings: Settings, language: str) -> Edition:
    """The edition as a value, of whatever size, with its own words in `language`."""
    from digest.editions.compose import compose
    from digest.render.translation import own_texts

    gathered = chosen.gathered
    return compose(
        chosen.choice,
        gathered.snapshot,
        gathered.newsletter,
        slot=gathered.slot,
        publication_name=settings.publication.name,
        site_url=settings.publication.url,
        last_subject=gathered.last_subject,
        texts=own_texts(language),
        served=gathered.demand.served if gathered.demand.personal else None,
    )


def _further(newsletter: Newsletter, demand: Demand) -> list[str]:
    """The languages that there are texts in, and that readers chose instead of the newsletter's own."""
    from digest.render.translation import languages, pick

    ours = pick([newsletter.language], languages(), "")
    return sorted({pick([tag], languages(), "") for tag in demand.languages} - {"", ours})


def _frame(chosen: Chosen, settings: Settings, language: str, steps: int) -> Frame:
    """The edition in another language's frame, in as many steps shorter as the newsletter's own."""
    from digest.editions.shorten import shortened
    from digest.render.translation import own_texts

    edition = composed(chosen, settings, language)
    for shorter, _ in islice(shortened(edition, own_texts(language)), steps):
        edition = shorter
    newsletter = chosen.gathered.newsletter
    compiled = compile_in(edition, newsletter, settings, language)
    return Frame(headers=headers_of(edition, compiled, newsletter), body=compiled.to_bytes())


def headers_of(edition: Edition, compiled: CompiledEdition, newsletter: Newsletter) -> bytes:
    """The header lines all messages of the edition share. Their date is the slot's, so that a preview has the bytes of the send."""
    try:
        return fixed_headers(
            from_name=newsletter.from_name or newsletter.title,
            from_address=newsletter.from_address,
            reply_to=newsletter.reply_to,
            subject=edition.subject,
            date=edition.slot,
            list_slug=newsletter.slug,
            list_title=newsletter.title,
            content_type=compiled.content_type,
        )
    except ValueError as error:
        where = f"[newsletters.{newsletter.slug}]"
        raise SettingsError(f"{where} {error}: write it like news@example.org, without a name and without brackets.") from error
