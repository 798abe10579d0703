"""`digest check`: what would go wrong, and what to do."""

from dataclasses import asdict

import click
from rich.markup import escape
from rich.table import Table

from digest.checkup import Level, check_up
from digest.cli.console import out, print_json, settings_of

MARKS = {Level.GOOD: "[green]✓[/]", Level.NOTE: "[yellow]•[/]", Level.WRONG: "[red]✗[/]"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same, for a script.")
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Look for what would go wrong, and say what to do. Changes nothing and sends nothing.

    Exit code 1 when something stops a send.
    """
    findings = list(check_up(settings_of(context)))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        table = Table.grid(padding=(0, 2))
        for finding in findings:
            table.add_row(MARKS[finding.level], escape(finding.about), escape(finding.text))
        out.print(table)
    if any(finding.level is Level.WRONG for finding in findings):
        context.exit(1)
