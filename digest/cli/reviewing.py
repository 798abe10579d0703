"""`digest edition list`, `show`, `approve`, `hold` …: what editors do before an edition goes out."""

from datetime import datetime

import click
from rich.markup import escape

from digest.cli.console import PARTLY, err, moment, out, print_json, settings_of
from digest.cli.engine import dispatch_of
from digest.cli.handing_over import hand_over, in_part, show_stand
from digest.cli.meant import Meant, on_edition, terminal_user
from digest.cli.stands import standing_table
from digest.editions.change_record import name_of, to_json
from digest.editions.standing import STANDING, standing
from digest.editions.store import StoredEdition
from digest.editions.values import Edition
from digest.errors import WrongState
from digest.plan_count import readers_of
from digest.prepare import composed
from digest.review import steps
from digest.review.fate import Fate, fate
from digest.review.send_now import send_now
from digest.review.send_test import send_test
from digest.sources.recheck import rechecking
from digest.wiring import clock, open_store, routes, signing_keys
from digest.working import Working, renew, working

REASON = click.option("--reason", default="", metavar="WORDS", help="Why: kept with the edition, and shown by `digest status`.")
JSON = click.option("--json", "as_json", is_flag=True, help="The same, for a script.")


@click.command("list")
@click.argument("newsletter", required=False)
@JSON
@click.pass_context
def list_command(context: click.Context, newsletter: str | None, as_json: bool) -> None:
    """List the editions that stand, and what each waits for."""
    settings, now = settings_of(context), clock()
    with open_store(settings).begin() as connection:
        found = [fate(settings, edition, now) for edition in standing(connection, newsletter or "")]
    if as_json:
        print_json([one.as_json() for one in found])
        return
    out.print(standing_table(settings, found) if found else "No edition stands: the next draft is made at its cut-off.")


@click.command()
@on_edition
@JSON
def show(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, as_json: bool) -> None:
    """Show an edition as it stands, and what editors changed in it."""
    meant = Meant(context, newsletter, cadence, at)
    with meant.engine.begin() as connection:
        found = working(connection, meant.settings, meant.letter, meant.slot, meant.now)
    edition = composed(found.chosen, meant.settings, meant.letter.language)
    becomes = fate(meant.settings, found.stored, meant.now) if found.stored and found.stored.state in STANDING else None
    if as_json:
        print_json(_as_json(found, edition, becomes))
        return
    meant.say(becomes.words(meant.letter.time_zone) if becomes else found.stored.state.value if found.stored else "not made yet")
    out.print(f"  “{escape(edition.subject)}”")
    for story in edition.stories:
        quoted = f" [dim]· quotes {escape(story.quote.author)}[/]" if story.quote else ""
        out.print(f"  • {escape(story.title)}{quoted}")
    for change in found.changes.all:
        undone = ", undone" if change.undone else ""
        out.print(f"  [dim]{change.number}. {moment(change.at, meant.letter.zone)} {escape(change.who)}: {name_of(change.change)}{undone}[/]")


def _as_json(found: Working, edition: Edition, becomes: Fate | None) -> dict[str, object]:
    changes = [{"number": one.number, "at": one.at, "who": one.who, "undone": one.undone, "change": to_json(one.change)} for one in found.changes.all]
    stories = [
        {"article": story.article_id, "title": story.title, "quotes": story.quote.comment_id if story.quote else None} for story in edition.stories
    ]
    said = {"subject": edition.subject, "preheader": edition.preheader, "live": found.live, "stories": stories, "changes": changes}
    stored = {"newsletter": edition.newsletter, "slot": found.slot, "state": found.stored.state if found.stored else None}
    return {**stored, **(becomes.as_json() if becomes else {}), **said}


@click.command()
@on_edition
def approve(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None) -> None:
    """Let a draft go out at its slot.

    Where its slot is past it goes out at once. What is in it is fixed, if it was not yet.
    """
    meant = Meant(context, newsletter, cadence, at)
    _tell(meant, "approved", steps.approve(meant.engine, meant.settings, meant.letter, meant.slot, who=terminal_user(), now=meant.now))


@click.command("take-back")
@on_edition
def take_back(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None) -> None:
    """Take an approval back: the edition is a draft again."""
    meant = Meant(context, newsletter, cadence, at)
    _tell(meant, "a draft again", steps.take_back(meant.engine, meant.number, who=terminal_user(), now=meant.now))


@click.command()
@on_edition
@REASON
def hold(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, reason: str) -> None:
    """Keep an edition from going out until somebody lets it go.

    One that is not made yet is held before its cut-off.
    """
    meant = Meant(context, newsletter, cadence, at)
    _tell(meant, "held", steps.hold(meant.engine, meant.letter, meant.slot, who=terminal_user(), now=meant.now, reason=reason))


@click.command()
@on_edition
def release(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None) -> None:
    """Let go of a held edition: it is a draft again."""
    meant = Meant(context, newsletter, cadence, at)
    _tell(meant, "released", steps.release(meant.engine, meant.number, who=terminal_user(), now=meant.now))


@click.command("renew")
@on_edition
def renew_command(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None) -> None:
    """Take into a draft what is new since its cut-off.

    It is chosen anew, and what editors changed stays on top. What was approved is a draft again.
    """
    meant = Meant(context, newsletter, cadence, at)
    found = renew(meant.engine, meant.settings, meant.letter, meant.slot, who=terminal_user(), now=meant.now)
    meant.say("chosen anew.")
    for note in found.chosen.choice.notes:
        out.print(f"  • {escape(note)}")


@click.command("test")
@on_edition
@click.argument("address")
def test_command(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, address: str) -> None:
    """Send one mail of an edition to ADDRESS.

    It is byte for byte what a reader would get, with this address in it. Nobody else gets any.
    """
    meant = Meant(context, newsletter, cadence, at)
    tested = send_test(
        meant.engine,
        meant.settings,
        meant.letter,
        meant.slot,
        address,
        who=terminal_user(),
        now=meant.now,
        keys=signing_keys(meant.settings),
        routes=routes(meant.settings),
    )
    meant.say(tested.words)
    for note in tested.notes:
        err.print(f"• {escape(note)}")
    if not tested.taken:
        context.exit(PARTLY)


@click.command("send-now")
@on_edition
@click.option("--yes", is_flag=True, help="Do not ask.")
def send_now_command(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, yes: bool) -> None:
    """Send an edition at once, and not at its slot.

    It is approved, published, and handed over.
    """
    meant = Meant(context, newsletter, cadence, at)
    if not yes:
        with meant.engine.begin() as connection:
            number = readers_of(connection, meant.letter, meant.now).number
        click.confirm(f"{meant.name}: {number:,} readers get it now. Send it?", abort=True, err=True)
    published = send_now(
        meant.engine,
        meant.settings,
        meant.letter,
        meant.slot,
        who=terminal_user(),
        now=meant.now,
        recheck=rechecking(meant.engine, meant.settings, meant.now),
        dispatch=dispatch_of(meant.settings),
    )
    if published.queued is None:
        raise WrongState(f"It was not sent: it is {published.edition.state}. {published.edition.reason}")
    meant.say(f"published, {published.queued:,} mails queued.")
    stands = hand_over(meant.engine, meant.settings, "send", frozenset({published.edition.id}))
    for stand in stands:
        show_stand(stand, meant.letter.time_zone)
    if in_part(stands):
        context.exit(PARTLY)


def _tell(meant: Meant, done: str, edition: StoredEdition) -> None:
    meant.say(f"{done}: {fate(meant.settings, edition, meant.now).words(meant.letter.time_zone)}.")


COMMANDS = (list_command, show, approve, take_back, hold, release, renew_command, test_command, send_now_command)
