"""`digest edition`: pause, resume, cancel or retry what goes out; what editors do before that is in `reviewing.py`."""

from datetime import datetime

import click
from rich.markup import escape
from sqlalchemy import Engine

from digest import steer
from digest.cli.console import MomentType, at_zone, moment, out, print_json, settings_of
from digest.cli.handing_over import tally_as_json
from digest.cli.meant import terminal_user
from digest.cli.reviewing import COMMANDS
from digest.delivery.tally import tally
from digest.delivery.values import DeliveryState
from digest.editions import store
from digest.editions.standing import STANDING
from digest.editions.values import EditionState
from digest.errors import DigestError
from digest.settings import Settings
from digest.steer import Steered
from digest.wiring import clock, open_store

OUT = (EditionState.SENDING, EditionState.PAUSED, EditionState.SENT, EditionState.CANCELLED)
# What is cancelled where no slot is named: what goes out, or else what stands.
TO_CANCEL = ((EditionState.SENDING, EditionState.PAUSED), STANDING, OUT)
FROM_THERE = "`digest run`, `digest work` or the next `digest send --due` takes it from there."

SLOT = "The slot of the edition, like 2026-11-23T07:00; default: the newsletter's latest that went out or goes out."
AT = click.option("--at", type=MomentType(), metavar="TIME", help=SLOT)
CADENCE = click.option("--cadence", metavar="NAME", help="An edition of this cadence; default: the newsletter's own.")
REASON = click.option("--reason", default="", metavar="WORDS", help="Why: kept with the edition, and shown by `digest status`.")
JSON = click.option("--json", "as_json", is_flag=True, help="How the edition stands afterwards, for a script.")


@click.group()
def edition() -> None:
    """Approve, hold or test what stands; pause, cancel or retry what goes out.

    An edition stands from its cut-off, or from the first change by an editor, until it goes out.
    """


for command in COMMANDS:
    edition.add_command(command)


@edition.command()
@click.argument("newsletter")
@CADENCE
@AT
@REASON
@JSON
@click.pass_context
def pause(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, reason: str, as_json: bool) -> None:
    """Stop an edition that is being sent.

    The mails under way go out, at most one for each connection of each worker; once the command has returned nothing else does.
    """
    settings = settings_of(context)
    engine = open_store(settings)
    done = steer.pause(engine, _find(engine, settings, newsletter, cadence, at).id, clock(), reason)
    _tell(settings, done, f"paused. {_under_way(done)}{_mails(done.tally.open - done.tally.sending, 'waits', 'wait')}.", as_json=as_json)


@edition.command()
@click.argument("newsletter")
@CADENCE
@AT
@click.option("--domain", metavar="NAME", help="Of the held mails, let only those to this domain go, like gmail.com.")
@JSON
@click.pass_context
def resume(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, domain: str | None, as_json: bool) -> None:
    """Let a paused edition go on, and what is held of it.

    Mails are held where their domain refuses you as a sender: let them go once that is mended. This may be done while the rest is being sent.
    """
    settings = settings_of(context)
    engine = open_store(settings)
    done = steer.resume(engine, _find(engine, settings, newsletter, cadence, at).id, clock(), domain)
    let_go = f" {_mails(done.moved, 'that was held is queued again', 'that were held are queued again')}." if done.moved else ""
    _tell(settings, done, f"goes on.{let_go} {_mails(done.tally.queued, 'waits', 'wait')}; {FROM_THERE}", as_json=as_json)


@edition.command()
@click.argument("newsletter")
@CADENCE
@AT
@REASON
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def cancel(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, reason: str, yes: bool, as_json: bool) -> None:
    """Stop an edition for good: what has not gone out yet never will.

    One that only stands is cancelled, too. The mails under way go out. Its articles and comments may come again in the next edition.
    """
    settings = settings_of(context)
    engine = open_store(settings)
    found = _find(engine, settings, newsletter, cadence, at, groups=TO_CANCEL)
    if not yes:
        with engine.begin() as connection:
            stand = tally(connection, found.id)
        left = "nothing has gone out" if found.state in STANDING else f"{stand.open:,} of {stand.total:,} mails have not gone out"
        click.confirm(f"{_name(settings, found)}: {left}. Cancel them for good?", abort=True, err=True)
    done = steer.cancel(engine, found.id, clock(), reason, who=terminal_user())
    if found.state in STANDING:
        _tell(settings, done, "cancelled. What was in it goes to the next edition.", as_json=as_json)
        return
    moved = _mails(done.moved, "will not go out", "will not go out")
    _tell(settings, done, f"cancelled. {_under_way(done)}{moved}; {done.tally.accepted:,} had been accepted.", as_json=as_json)


@edition.command()
@click.argument("newsletter")
@CADENCE
@AT
@click.option("--unknown", is_flag=True, help="Not the refused mails, but those whose outcome was never learnt: these readers may get it twice.")
@JSON
@click.pass_context
def retry(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, unknown: bool, as_json: bool) -> None:
    """Queue again exactly what was refused, or is unknown.

    Whoever got the edition does not get it again, and nothing is sent by this command itself.
    """
    settings = settings_of(context)
    engine = open_store(settings)
    states = (DeliveryState.UNKNOWN,) if unknown else (DeliveryState.REFUSED,)
    done = steer.retry(engine, _find(engine, settings, newsletter, cadence, at).id, states, clock())
    _tell(settings, done, _retried(done, "unknown" if unknown else "refused"), as_json=as_json)


def _find(
    engine: Engine, settings: Settings, slug: str, cadence: str | None, at: datetime | None, groups: tuple[tuple[EditionState, ...], ...] = (OUT,)
) -> store.StoredEdition:
    """Of a newsletter or a cadence that is declared no longer, too. Where no slot is named it is the newest of the first of `groups` that
    has any."""
    declared = settings.newsletters.get(slug)
    name = cadence or (declared.cadence if declared else "")
    with engine.begin() as connection:
        if at:
            found = store.find(connection, slug, name, at_zone(at, settings.newsletter(slug).zone))
        else:
            newest = (one for states in groups for one in store.latest(connection, newsletter=slug, cadence=name, states=states, limit=1))
            found = next(newest, None)
    if found is None:
        settings.newsletter(slug, cadence)
        raise DigestError(f"“{slug}” has no edition {'for that slot' if at else 'that went out or goes out'}: `digest status` shows those there are.")
    return found


def _name(settings: Settings, found: store.StoredEdition) -> str:
    letter = settings.newsletters.get(found.newsletter)
    label = letter.of_edition(found.cadence).label if letter else found.newsletter
    return f"{label} {moment(found.slot, letter.zone if letter else settings.publication.time_zone)}"


def _retried(done: Steered, what: str) -> str:
    if not done.moved:
        return f"nothing of it is {what}."
    queued = _mails(done.moved, f"that was {what} is queued again", f"that were {what} are queued again")
    if done.edition.state is EditionState.PAUSED:
        return f"{queued}, and the edition is paused: `digest edition resume {done.edition.newsletter}` lets it go on."
    return f"{queued}; {FROM_THERE}"


def _under_way(done: Steered) -> str:
    number = done.tally.sending
    return f"{_mails(number, 'that was under way goes out', 'that were under way go out')}; " if number else ""


def _mails(number: int, one: str, more: str) -> str:
    """1 mail waits, 3 mails wait."""
    return f"1 mail {one}" if number == 1 else f"{number:,} mails {more}"


def _tell(settings: Settings, done: Steered, sentence: str, *, as_json: bool) -> None:
    found = done.edition
    if not as_json:
        out.print(f"[bold]{escape(_name(settings, found))}[/]: {escape(sentence)}")
        return
    stand = {name: getattr(found, name) for name in ("newsletter", "slot", "state", "reason", "subject")}
    print_json({**stand, "moved": done.moved, "deliveries": tally_as_json(done.tally)})
