"""`digest send`: publish a slot's edition and hand it over."""

from datetime import datetime
from typing import TypedDict, Unpack

import click
from rich.markup import escape
from sqlalchemy import Engine

from digest.cli.console import PARTLY, MomentType, at_zone, err, moment, out, print_json, settings_of
from digest.cli.doing import said, tell_editors
from digest.cli.engine import dispatch_of
from digest.cli.handing_over import hand_over, hand_over_letters, in_part, show_stand, stand_as_json
from digest.cli.meant import terminal_user
from digest.due import publish_due
from digest.editions.standing import STANDING
from digest.editions.store import StoredEdition, find
from digest.editions.values import EditionState
from digest.errors import DigestError, NothingNew
from digest.newsletter import Newsletter
from digest.publish import Published, publish
from digest.review.by_hand import require_no_objection
from digest.review.calendar import let_go
from digest.review.steps import approve
from digest.settings import Settings
from digest.sources.recheck import rechecking
from digest.wiring import clock, open_store, require_sendable


class Allowed(TypedDict):
    """What may be so, and it goes out all the same."""

    even_if_few: bool
    despite_findings: bool
    yes: bool


@click.command()
@click.argument("newsletter", required=False)
@click.option("--due", is_flag=True, help="Every newsletter and cadence whose slot is due; for cron. Harmless when late, doubled or overlapping.")
@click.option("--cadence", metavar="NAME", help="In this cadence; default: the newsletter's own.")
@click.option(
    "--at", type=MomentType(), metavar="TIME", help="The slot to send, like 2026-11-23T07:00; default: the newsletter's latest. “now” makes one."
)
@click.option("--even-if-few", is_flag=True, help="Send although there are fewer new articles than limits.min_new.")
@click.option("--despite-findings", is_flag=True, help="Send although the checker found what must not go out: see `digest lint`.")
@click.option("--yes", is_flag=True, help="Send although its editors have not let it go, or what goes out falls out of a draft.")
@click.option("--json", "as_json", is_flag=True, help="How each edition stands afterwards, for a script.")
@click.pass_context
def send(
    context: click.Context,
    newsletter: str | None,
    due: bool,
    cadence: str | None,
    at: datetime | None,
    as_json: bool,
    **allowed: Unpack[Allowed],
) -> None:
    """Publish an edition and hand it over to every reader, each exactly once.

    A slot makes one edition: sending it again finishes what was not finished and repeats nothing.
    What was interrupted, or deferred by the relay, is taken up again by any later send, work or run.
    """
    if bool(newsletter) == due:
        raise click.UsageError("Name a newsletter, or say --due.")
    if due and (cadence or at or any(allowed.values())):
        raise click.UsageError("--cadence, --at, --even-if-few, --despite-findings and --yes go with a newsletter's name.")
    settings = settings_of(context)
    engine = open_store(settings)
    if newsletter:
        letter = settings.newsletter(newsletter, cadence)
        failed, edition_ids = False, _publish_one(engine, settings, letter, at, allowed, quiet=as_json)
    else:
        hand_over_letters(engine, settings, "send")
        failed, edition_ids = _publish_due(engine, settings, quiet=as_json), None
    stands = hand_over(engine, settings, "send", edition_ids)
    if as_json:
        print_json([stand_as_json(stand) for stand in stands])
    else:
        for stand in stands:
            show_stand(stand, _zone(settings, stand.edition.newsletter))
    if failed or in_part(stands):
        context.exit(PARTLY)


def _publish_one(engine: Engine, settings: Settings, letter: Newsletter, at: datetime | None, allowed: Allowed, *, quiet: bool) -> frozenset[int]:
    """The id of the slot's edition, which was made now if it was not there. None where it has none, nor needs one."""
    require_sendable(settings, letter.slug)
    now = clock()
    slot = at_zone(at, letter.zone) if at else letter.slot_at(now)
    _require_let_go(engine, settings, letter, slot, yes=allowed["yes"], now=now)
    recheck, dispatch = rechecking(engine, settings, now), dispatch_of(settings)
    try:
        published = publish(
            engine,
            settings,
            letter,
            slot,
            now=now,
            allow_few=allowed["even_if_few"],
            despite_findings=allowed["despite_findings"],
            recheck=recheck,
            dispatch=dispatch,
        )
    except NothingNew as nothing:
        err.print(escape(str(nothing)))
        return frozenset()
    if not quiet:
        _say(published, letter)
    return frozenset({published.edition.id})


def _require_let_go(engine: Engine, settings: Settings, letter: Newsletter, slot: datetime, *, yes: bool, now: datetime) -> None:
    """What editors look at first is not sent past them, unless somebody says so."""
    with engine.begin() as connection:
        if not yes:
            require_no_objection(connection, letter, slot)
            return
        found = find(connection, letter.slug, letter.cadence, slot)
    if found and found.state in STANDING and not let_go(letter, found):
        approve(engine, settings, letter, slot, who=terminal_user(), now=now)


def _publish_due(engine: Engine, settings: Settings, *, quiet: bool) -> bool:
    """Does what is due; whether anything that is due could not be done."""
    failed = False
    now = clock()
    for _, result in publish_due(engine, settings, now=now, recheck=rechecking(engine, settings, now), dispatch=dispatch_of(settings)):
        if isinstance(result, DigestError):
            failed = True
            err.print(f"[red]{escape(str(result))}[/]")
        elif not quiet:
            letter = settings.newsletter(result.edition.newsletter, result.edition.cadence)
            if isinstance(result, Published):
                _say(result, letter)
            else:
                out.print(f"{_name(result.edition, letter)}: {escape(said(result, settings, now))}")
    tell_editors(engine, settings, now)
    return failed


def _zone(settings: Settings, slug: str) -> str:
    return settings.newsletters[slug].time_zone if slug in settings.newsletters else "UTC"


def _say(published: Published, letter: Newsletter) -> None:
    edition = published.edition
    slot = _name(edition, letter)
    if edition.state is EditionState.SKIPPED:
        out.print(f"{slot}: no edition. {escape(edition.reason)}")
    elif edition.state is EditionState.HELD:
        out.print(f"{slot}: [yellow]held.[/] {escape(edition.reason)}")
    elif published.queued is None:
        out.print(f"{slot}: has its edition already ({edition.state}).")
    else:
        out.print(f"{slot}: published, {published.queued:,} mails queued.")
    for note in published.notes if edition.state is not EditionState.SKIPPED else ():
        out.print(f"  • {escape(note)}")


def _name(edition: StoredEdition, letter: Newsletter) -> str:
    return f"[bold]{escape(letter.label)}[/] {moment(edition.slot, letter.zone)}"
