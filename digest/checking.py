"""A finished edition looked over before it goes out: what is wrong with it as readers get it, and whether that stops it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from digest.editions import store
from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.personal import SAMPLE, Writer
from digest.prepare import Chosen, Prepared, prepare
from digest.render.lint import About, Finding, Level, Mail, lint_mail, of_message, settled
from digest.settings import Settings
from digest.sheets import NothingLeft
from digest.working import look_up, work_out

# Whoever checks sees the links that tell a reader apart only by their length.
_KEYS = ["only for looking"]
_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedOver:
    """What was found in an edition, the gravest first, and a sample reader's message; None where it holds nothing for them."""

    findings: tuple[Finding, ...]
    message: Mail | None
    data: bytes


def look_over(engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime) -> LookedOver:
    """The slot's edition as it stands, looked over as it would be before it goes out; one that is out by the bytes that went out."""
    with engine.begin() as connection:
        looked = look_up(connection, newsletter, slot, slot)
        stored = store.load_bytes(connection, looked.stored.id) if looked.stored and looked.stored.is_out else None
    chosen = work_out(looked, settings, allow_few=True).chosen
    return look_over_prepared(prepare(chosen, settings), chosen, settings, stored=stored)


def look_over_prepared(prepared: Prepared, chosen: Chosen, settings: Settings, *, stored: store.Bytes | None) -> LookedOver:
    """The same of an edition that is chosen and drawn already; `stored` are its bytes where it is out."""
    return _over(stored or prepared.stored, prepared.edition, chosen, settings)


def findings_of(prepared: Prepared, chosen: Chosen, settings: Settings) -> tuple[Finding, ...]:
    """All that is wrong with an edition that is ready to go out, the gravest first: as most readers get it, and in frames of further languages."""
    return _over(prepared.stored, prepared.edition, chosen, settings).findings


def _over(stored: store.Bytes, edition: Edition, chosen: Chosen, settings: Settings) -> LookedOver:
    newsletter, slot = chosen.gathered.newsletter, chosen.gathered.slot
    about = about_of(edition, newsletter, settings, last_subject=chosen.gathered.last_subject)
    writer = Writer(newsletter, settings, keys=_KEYS, slot=slot, stored=stored)
    found: dict[tuple[str, str], Finding] = {}
    first, data = None, b""
    for language in ("", *sorted(stored.frames)):
        with suppress(NothingLeft):
            written = writer.envelope(SAMPLE._replace(language=language)).data
            mail = of_message(written, about)
            for finding in settled(lint_mail(mail), newsletter.checks.ignore):
                told = replace(finding, what=f"For readers of “{language}”: {finding.what}", spot="") if language else finding
                found.setdefault((finding.rule, finding.spot), told)
            first, data = (mail, written) if first is None else (first, data)
    return LookedOver(findings=settled(found.values(), ()), message=first, data=data)


def stopping(findings: Iterable[Finding], newsletter: Newsletter) -> tuple[Finding, ...]:
    """Those of the findings for which the newsletter does not go out."""
    least = _LEVELS.get(newsletter.checks.stop_at)
    return tuple(one for one in findings if least and one.level.weight >= least.weight)


def about_of(edition: Edition, newsletter: Newsletter, settings: Settings, *, last_subject: str = "") -> About:
    """What is to be known to judge the edition's mails."""
    return About(
        budget=newsletter.limits.html_bytes,
        clients=newsletter.checks.clients,
        last_subject=last_subject,
        preheader=edition.preheader,
        postal_address=settings.publication.postal_address,
        words="\n".join(_words((edition.stories, edition.sections, edition.top_comments, edition.recent_comments, edition.join, edition.pool))),
    )


def _words(value: object) -> Iterator[str]:
    """All that authors and commenters wrote, in whatever values it stands."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | frozenset):
        for one in value:
            yield from _words(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _words(getattr(value, field.name))
