"""`digest subscribers`: the people, from the command line."""

import getpass

import click

from digest.cli.console import PARTLY, out, settings_of
from digest.cli.editing import edit_command
from digest.cli.importing import import_command, import_suppressions_command
from digest.cli.listing import count_command, export_command, list_command
from digest.cli.merging import merge_command
from digest.cli.people import dossier_command
from digest.cli.showing import show
from digest.cli.suppressing import erase_command, lift_command, suppress_command
from digest.errors import DigestError
from digest.wiring import clock, open_store, signing_keys
from subscribers import consent, people
from subscribers.address import parse_address
from subscribers.erase import erase
from subscribers.lists.csvfile import Cells, Problem
from subscribers.lists.entry import parse_entry
from subscribers.tables import SubscriptionState


@click.group()
def subscribers() -> None:
    """Add, list, import, export and remove readers."""


for command in (
    import_command, import_suppressions_command, list_command, count_command, export_command, show, edit_command, merge_command,
    suppress_command, lift_command, erase_command, dossier_command,
):  # fmt: skip
    subscribers.add_command(command)


@subscribers.command("add")
@click.argument("newsletter")
@click.argument("address")
@click.option("--name", default="", metavar="NAME", help="How the mail greets them.")
@click.option("--language", default="", metavar="CODE", help="A code like en or pt-BR.")
@click.option("--time-zone", default="", metavar="ZONE", help="A name like Europe/Berlin.")
@click.option("--origin", default="", metavar="WORDS", help="Where and how they said yes: kept as proof.")
@click.option("--wording", default="", metavar="WORDS", help="The words they agreed to, or their version: kept as proof.")
@click.option("--pending", is_flag=True, help="They have not confirmed yet: no mail until they do.")
@click.pass_context
def add(
    context: click.Context, newsletter: str, address: str, name: str, language: str, time_zone: str, origin: str, wording: str, pending: bool
) -> None:
    """Add one reader whose consent you hold. Someone who left is not brought back: only they can do that."""
    settings = settings_of(context)
    settings.newsletter(newsletter)
    entry = parse_entry(Cells(line=1, cells={"address": address, "name": name.strip(), "language": language, "time_zone": time_zone}))
    if isinstance(entry, Problem):
        raise DigestError(f"Not added: {entry.text.removesuffix('.')}.")
    state = SubscriptionState.PENDING if pending else SubscriptionState.CONFIRMED
    proof = consent.Proof(how="command line", origin=origin or f"added by {getpass.getuser()}", wording=wording)
    with open_store(settings).begin() as connection:
        added = consent.add(connection, entry.person, newsletter=newsletter, state=state, proof=proof, keys=signing_keys(settings), now=clock())
    said = {
        consent.Answer.NEW: f"Added, {added.state}.",
        consent.Answer.ALREADY: f"Had a subscription already ({added.state}): nothing changed.",
        consent.Answer.LEFT: "Has left this newsletter: only they themself may come back. Nothing changed.",
    }
    out.print(said.get(added.answer, str(added.answer)))
    if added.answer is consent.Answer.LEFT:
        context.exit(PARTLY)


@subscribers.command("remove")
@click.argument("newsletter")
@click.argument("address")
@click.option(
    "--erase",
    "forget",
    is_flag=True,
    help="Forget the person altogether, in every newsletter; only a keyed hash stays, so that no list brings them back.",
)
@click.confirmation_option("--yes", prompt="Are you sure?", help="Do not ask.")
@click.pass_context
def remove(context: click.Context, newsletter: str, address: str, forget: bool) -> None:
    """End one reader's subscription, or forget the person (--erase)."""
    settings = settings_of(context)
    settings.newsletter(newsletter)
    person = parse_address(address)
    with open_store(settings).begin() as connection:
        if forget:
            erase(connection, person, keys=signing_keys(settings), now=clock(), note="command line")
            out.print("Erased, and suppressed for good.")
            return
        known = people.find_reader(connection, newsletter, address)
        if known is None:
            raise DigestError(f"This address has no subscription to “{newsletter}”.")
        ended = consent.unsubscribe(connection, known.subscription_token, how="command line", now=clock(), by_operator=True)
    out.print("Unsubscribed." if ended else "Had left already.")
