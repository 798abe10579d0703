"""What a reader's message is written on: the frame in their language, holding what is theirs of the edition, with its titles and their date.

Few readers of a large edition share a plan, and most plans are had by one reader only: what all have in common is made once, a common plan is
remembered, and a rare one costs a list of references to bytes that all share.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

from digest.delivery.dkim import Signer
from digest.delivery.message import apart, date_line, subject_line
from digest.delivery.values import Claimed
from digest.editions.fit import fit
from digest.editions.frames import Frame
from digest.editions.plan import Planner
from digest.editions.pool import Plan, Pool
from digest.editions.pool_record import from_bytes
from digest.editions.store import Bytes
from digest.editions.titles import Titler
from digest.newsletter import Newsletter
from digest.render.compiled import CompiledEdition, Hole
from digest.render.fill import Filler
from digest.render.parts import Parts
from digest.settings import Settings
from digest.wiring import signer
from subscribers.wish import Wish

# Selections that are remembered, some 2 KB each: of a million readers of 30,000 plans in five languages one in seven has another one made.
KEPT = 3_000
# Plans, in all languages.
KEPT_PLANS = 1_000
# Subjects as header lines: many selections begin with the same story.
KEPT_SUBJECTS = 1_000
# Sheets, which are a selection with a date: 1 KB each.
KEPT_SHEETS = 3_000
# Moments are remembered by zone and hour.
KEPT_MOMENTS = 4_000


class NothingLeft(Exception):
    """There is nothing in the edition for this reader."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a message is made of that is not one reader's alone. `headers` are all but the reader's own, `greetings` the first line to somebody with a
    name and to somebody without."""

    headers: bytes
    seven_bit: bool
    filler: Filler
    greetings: tuple[str, str]
    signer: Signer | None


def plain_sheet(newsletter: Newsletter, settings: Settings, stored: Bytes) -> Sheet:
    """What everybody's message is written on, where all get the same."""
    return Sheet(
        headers=stored.headers,
        # A compiled body always is, and of the reader's own headers all but the address.
        seven_bit=stored.headers.isascii(),
        filler=Filler(Parts(CompiledEdition.from_bytes(stored.body))),
        greetings=_greetings(newsletter, newsletter.language),
        signer=signer(settings, newsletter, stored.headers),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Framed:
    """One language's frame, ready: `fixed` are the headers that all its readers share, `most_around` the HTML's bytes around all that is selected."""

    fixed: bytes
    subject: bytes
    parts: Parts
    most_around: int
    greetings: tuple[str, str]
    signer: Signer | None
    titler: Titler | None


class Sheets:
    """Those of one edition and revision."""

    def __init__(self, newsletter: Newsletter, settings: Settings, slot: datetime, stored: Bytes) -> None:
        self._newsletter = newsletter
        self._settings = settings
        self._slot = stored.moved_to or slot
        self._time = newsletter.readers_time.at_once if stored.moved_to else newsletter.readers_time
        self._stored = {newsletter.language: Frame(headers=stored.headers, body=stored.body), **stored.frames}
        self._languages = tuple(self._stored)
        self._pool: Pool | None = from_bytes(stored.pool) if stored.pool else None
        self._planner = Planner(self._pool) if self._pool else None
        self._language = lru_cache(KEPT_MOMENTS)(self._nearest)
        self._frame = cache(self._framed)
        self._moment = lru_cache(KEPT_MOMENTS)(self._reached)
        self._plan = lru_cache(KEPT_PLANS)(self._planned)
        self._subject = lru_cache(KEPT_SUBJECTS)(subject_line)
        self._selection = lru_cache(KEPT)(self._selected)
        self._sheet = lru_cache(KEPT_SHEETS)(self._made)

    @property
    def differ(self) -> bool:
        """Whether not everybody's is the same."""
        return self._pool is not None or len(self._languages) > 1 or self._time.differs

    def of(self, reader: Claimed) -> Sheet:
        """The reader's; `NothingLeft` where the edition holds nothing for them."""
        return self._sheet(reader.plan, self._language(reader.language), self._dated(reader))

    def plan(self, reader: Claimed) -> Plan | None:
        """What the reader's message holds; None where all get all, or there is nothing for them."""
        return self._fitted(reader.plan, self.language(reader.language))

    def language(self, tag: str) -> str:
        """Of the frame that whoever reads this language gets."""
        return self._language(tag)

    def have_nothing_for(self, plan: str) -> bool:
        return self._planner is not None and self._plan(plan) is None

    def _planned(self, key: str) -> Plan | None:
        return self._planner.plan(Wish.parse(key)) if self._planner else None

    def _dated(self, reader: Claimed) -> datetime:
        """The slot, or the reader's own moment: the same at every try. Only who moved west since it was queued, or wants it later, gets it dated by
        when it was due: no message is dated when it is not yet."""
        if not self._time.differs:
            return self._slot
        at = self._moment(reader.time_zone, reader.hour)
        return at if reader.due is None else min(at, reader.due)

    def _nearest(self, tag: str) -> str:
        from digest.render.translation import pick  # noqa: PLC0415 - see `_greetings`

        return pick([tag], self._languages, self._newsletter.language) if tag else self._newsletter.language

    def _reached(self, zone: str, hour: int | None) -> datetime:
        return self._time.moment(self._slot, zone, hour)

    def _made(self, plan: str, language: str, at: datetime) -> Sheet:
        frame = self._frame(language)
        subject, filler = self._selection(plan, language)
        headers = frame.fixed + subject + date_line(at)
        return Sheet(headers, headers.isascii(), filler, frame.greetings, frame.signer)

    def _selected(self, key: str, language: str) -> tuple[bytes, Filler]:
        frame = self._frame(language)
        if self._planner is None or frame.titler is None:
            return frame.subject, Filler(frame.parts)
        plan = self._fitted(key, language)
        if plan is None:
            raise NothingLeft
        titles = frame.titler.titles(plan)
        # What most get has bytes of its own: it is worth 100 KB that theirs lie in few pieces.
        filler = Filler(frame.parts, plan.names, {Hole.SUBJECT: titles.subject, Hole.PREHEADER: titles.preheader}, joined=not key)
        return self._subject(titles.subject), filler

    def _fitted(self, key: str, language: str) -> Plan | None:
        plan, frame = self._plan(key), self._frame(language)
        return fit(plan, frame.parts.sizes, self._newsletter.limits.html_bytes - frame.most_around) if plan else None

    def _framed(self, language: str) -> _Framed:
        from digest.render.translation import own_texts  # noqa: PLC0415 - see `_greetings`

        frame = self._stored[language]
        fixed, subject = apart(frame.headers)
        parts = Parts(CompiledEdition.from_bytes(frame.body))
        return _Framed(
            fixed=fixed,
            subject=subject,
            parts=parts,
            most_around=parts.html_bytes() - parts.sizes.total(),
            greetings=_greetings(self._newsletter, language),
            signer=signer(self._settings, self._newsletter, fixed),
            titler=Titler(self._pool, own_texts(language)) if self._pool else None,
        )


def _greetings(newsletter: Newsletter, language: str) -> tuple[str, str]:
    """To a reader with a name and to one without: as they are set, else in the language of the frame."""
    # Imported here, for a worker that has nothing to hand over needs no Babel.
    from digest.render.translation import translations  # noqa: PLC0415

    ours = translations(language).gettext
    own = newsletter.model_fields_set
    return (
        newsletter.greeting if "greeting" in own else ours(newsletter.greeting),
        newsletter.greeting_without_name if "greeting_without_name" in own else ours(newsletter.greeting_without_name),
    )
