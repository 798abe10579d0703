"""A finished edition looked over before it goes out: what is wrong with it as readers get it, and whether that stops it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace

from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.personal import SAMPLE, Writer
from digest.prepare import Chosen, Prepared
from digest.render.lint import About, Finding, Level, lint_mail, of_message, settled
from digest.settings import Settings
from digest.sheets import NothingLeft

# Whoever checks sees the links that tell a reader apart only by their length.
_KEYS = ["only for looking"]
_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING}


def findings_of(prepared: Prepared, chosen: Chosen, settings: Settings) -> tuple[Finding, ...]:
    """All that is wrong with an edition that is ready to go out, the gravest first: as most readers get it, and in frames of further languages."""
    newsletter, slot = chosen.gathered.newsletter, chosen.gathered.slot
    about = about_of(prepared.edition, newsletter, settings, last_subject=chosen.gathered.last_subject)
    writer = Writer(newsletter, settings, keys=_KEYS, slot=slot, stored=prepared.stored)
    found: dict[tuple[str, str], Finding] = {}
    for language in ("", *prepared.frames):
        with suppress(NothingLeft):
            for finding in check(writer.envelope(SAMPLE._replace(language=language)).data, about, newsletter):
                told = replace(finding, what=f"For readers of “{language}”: {finding.what}") if language else finding
                found.setdefault((finding.rule, finding.spot), told)
    return settled(found.values(), ())


def check(data: bytes, about: About, newsletter: Newsletter) -> tuple[Finding, ...]:
    """All that is wrong with one message, but what the newsletter does not want to hear of."""
    return settled(lint_mail(of_message(data, about)), newsletter.checks.ignore)


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
