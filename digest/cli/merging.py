"""`digest subscribers merge`: two addresses of one person."""

import click

from digest.cli.console import out, print_json, settings_of, table_of
from digest.merge import merge, preview
from digest.wiring import clock, open_store, signing_keys
from subscribers.address import parse_address
from subscribers.merge import Merger
from subscribers.stronger import because


@click.command("merge")
@click.argument("goes", metavar="FROM")
@click.argument("stays", metavar="INTO")
@click.option("--suppress-old", "shut", is_flag=True, help="And never write to the address that goes again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="What was done, for a script; asks nothing.")
@click.pass_context
def merge_command(context: click.Context, goes: str, stays: str, shut: bool, yes: bool, as_json: bool) -> None:
    """Make one person of two addresses; the first one goes.

    Subscriptions, consents and history move. Where both have a newsletter the stronger consent holds: confirmed before pending; but who has left
    by either address stays gone, unless the other was confirmed later.
    """
    settings = settings_of(context)
    engine, keys = open_store(settings), signing_keys(settings)
    old, kept = parse_address(goes), parse_address(stays)
    if not (yes or as_json):
        _say(preview(engine, old, kept))
        click.confirm("Make one person of the two?", abort=True)
    done = merge(engine, old, kept, keys=keys, now=clock(), shut=shut)
    if as_json:
        print_json(
            {
                "moved": {word.newsletter: word.state for word in done.moved},
                "both": {pair.stays.newsletter: pair.stays.state for pair in done.pairs},
                "suppressed": shut,
            }
        )
        return
    out.print("They are one person now." + (" Nothing is sent to the old address any more." if shut else ""))


def _say(merger: Merger) -> None:
    table = table_of("What becomes of the subscriptions", "Newsletter", "Then", "Because")
    for word in merger.moved:
        table.add_row(word.newsletter, word.state.value, "only the address that goes has it")
    for pair in merger.pairs:
        table.add_row(pair.stays.newsletter, pair.stays.state.value, because(pair))
    out.print(table if table.row_count else "The address that goes has no subscription.")
