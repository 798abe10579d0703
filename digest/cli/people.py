"""`digest subscribers edit` and `dossier`: what is known of one person is put right, and handed out."""

import json
from pathlib import Path

import click

from digest.cli.console import out, print_json, settings_of
from digest.dossier import dossier
from digest.errors import DigestError
from digest.wiring import open_store, signing_keys
from subscribers.address import parse_address
from subscribers.attributes import parse_attribute
from subscribers.edit import Changes, edit
from subscribers.lists.csvfile import Cells, Problem
from subscribers.lists.entry import parse_entry


@click.command("edit")
@click.argument("address")
@click.option("--name", metavar="NAME", help="How the mail greets them.")
@click.option("--language", metavar="CODE", help="A code like en or pt-BR.")
@click.option("--time-zone", metavar="ZONE", help="A name like Europe/Berlin.")
@click.option("--address", "new", metavar="ADDRESS", help="Their new address; subscriptions and consents stay theirs.")
@click.option("--attribute", "attributes", multiple=True, metavar="KEY=VALUE", help="For segments; may be given several times.")
@click.pass_context
def edit_command(
    context: click.Context,
    address: str,
    name: str | None,
    language: str | None,
    time_zone: str | None,
    new: str | None,
    attributes: tuple[str, ...],
) -> None:
    """Put right what is known of one person.

    An empty value takes away what was known.
    """
    given = {key: value.strip() for key, value in (("name", name), ("language", language), ("time_zone", time_zone)) if value is not None}
    if not (given or new or attributes):
        raise click.UsageError("Say what is to change: --name, --language, --time-zone, --address or --attribute.", context)
    settings = settings_of(context)
    entry = parse_entry(Cells(line=1, cells={"address": new or address, **given}))
    if isinstance(entry, Problem):
        raise DigestError(f"Not changed: {entry.text.removesuffix('.')}.")
    changes = Changes(
        **{key: getattr(entry.person, key) for key in given},
        address=entry.person.address if new else None,
        attributes=dict(parse_attribute(text) for text in attributes),
    )
    with open_store(settings).begin() as connection:
        changed = edit(connection, parse_address(address), changes, keys=signing_keys(settings))
    names = [column.replace("_", " ") for column in changed if column not in ("address_key", "address_hash")]
    out.print(f"Changed: {', '.join(names)}." if names else "All was so already: nothing changed.")


@click.command("dossier")
@click.argument("address")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write there; default: standard output.")
@click.pass_context
def dossier_command(context: click.Context, address: str, output: Path | None) -> None:
    """Write all that is kept of one person, as JSON."""
    settings = settings_of(context)
    told = dossier(open_store(settings), parse_address(address), keys=signing_keys(settings))
    if output is None:
        print_json(told)
        return
    output.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    out.print(f"Wrote {output}")
