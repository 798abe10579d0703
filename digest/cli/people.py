"""`digest subscribers dossier`: what is known of one person is handed out."""

import json
from pathlib import Path

import click

from digest.cli.console import out, print_json, settings_of
from digest.dossier import dossier
from digest.wiring import open_store, signing_keys
from subscribers.address import parse_address


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
