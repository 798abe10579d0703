"""`digest subscribers suppress`, `lift` and `erase`: who is not written to any more."""

import getpass

import click
from rich.markup import escape

from digest.cli.console import moment, out, settings_of
from digest.lifting import WARNINGS
from digest.wiring import clock, open_store, signing_keys
from subscribers.address import parse_address
from subscribers.erase import erase
from subscribers.suppression import lift, listed, suppress
from subscribers.tables import SuppressionReason

# A person is erased by a command of its own.
REASONS = click.Choice([reason.value for reason in SuppressionReason if reason is not SuppressionReason.ERASED])

asked_first = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command("suppress")
@click.argument("address")
@click.option("--reason", type=REASONS, default=SuppressionReason.BY_HAND.value, show_default=True, help="Why.")
@click.option("--note", default="", metavar="WORDS", help="Kept with it; default: who did it.")
@click.pass_context
def suppress_command(context: click.Context, address: str, reason: str, note: str) -> None:
    """Send nothing to an address any more.

    No list, form or import brings it back until it is lifted.
    """
    settings = settings_of(context)
    keys, mailbox = signing_keys(settings), parse_address(address)
    with open_store(settings).begin() as connection:
        before = listed(connection, mailbox, keys=keys)
        words = note or f"by {getpass.getuser()}"
        suppress(connection, mailbox, reason=SuppressionReason(reason), keys=keys, now=clock(), note=words)
    out.print(f"Suppressed ({reason}): nothing is sent to this address any more." + (f" It was before ({before.reason})." if before else ""))


@click.command("lift")
@click.argument("address")
@asked_first
@click.pass_context
def lift_command(context: click.Context, address: str, yes: bool) -> None:
    """Take an address off the suppression list."""
    settings = settings_of(context)
    keys, mailbox, engine = signing_keys(settings), parse_address(address), open_store(settings)
    with engine.begin() as connection:
        found = listed(connection, mailbox, keys=keys)
    if found is None:
        out.print("It is not on the list: nothing changed.")
        return
    if not yes:
        note = f" ({escape(found.note)})" if found.note else ""
        out.print(f"On the list since {moment(found.at, settings.publication.time_zone)}: {found.reason}{note}.")
        out.print(WARNINGS[found.reason])
        click.confirm("Take it off?", abort=True)
    with engine.begin() as connection:
        lift(connection, mailbox, keys=keys)
    out.print("Lifted: whoever is confirmed gets mail again.")


@click.command("erase")
@click.argument("address")
@asked_first
@click.pass_context
def erase_command(context: click.Context, address: str, yes: bool) -> None:
    """Forget one person for good.

    Only a keyed hash of the address stays, so that no list brings them back; they themselves may come back.
    """
    settings = settings_of(context)
    keys, mailbox, engine = signing_keys(settings), parse_address(address), open_store(settings)
    if not yes:
        click.confirm("Person, subscriptions and consents go for good. Erase?", abort=True)
    with engine.begin() as connection:
        there = erase(connection, mailbox, keys=keys, now=clock(), note="command line")
    out.print("Erased, and suppressed for good." if there else "Nobody had this address. It is suppressed for good all the same.")
