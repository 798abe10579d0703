"""`digest lint`: what is wrong with an edition's mail, why it matters and how it is mended."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

import click
from rich.markup import escape

from digest.checking import LookedOver, look_over, stopping
from digest.checking_outside import dead_links, spam
from digest.cli.console import err, out, print_json
from digest.cli.meant import Meant, on_edition
from digest.render.lint import Finding, Level, settled

MARKS = {Level.NOTE: "[blue]•[/]", Level.WARNING: "[yellow]▲[/]", Level.ERROR: "[red]✗[/]"}


@click.command()
@on_edition
@click.option("--links", is_flag=True, help="Also ask whether each link leads anywhere. Takes a minute at most.")
@click.option("--spam", "filtered", is_flag=True, help="Also ask the spam filter of this machine: SpamAssassin, or rspamd.")
@click.option("--quiet", is_flag=True, help="Only what counts: no notes, and no reasons.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for a script.")
def lint(
    context: click.Context,
    newsletter: str,
    cadence: str | None,
    at: datetime | None,
    links: bool,
    filtered: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Look an edition's mail over, as it is before every send. Changes nothing and sends nothing.

    An edition that is out is looked over as it went out. Exit code 1 when something is found that stops a send:
    see checks.stop_at of the newsletter.
    """
    meant = Meant(context, newsletter, cadence, at)
    over = look_over(meant.engine, meant.settings, meant.letter, meant.slot)
    asked = _asked(meant, over, links=links, filtered=filtered)
    findings = settled((*over.findings, *asked), meant.letter.checks.ignore)
    stops = stopping(findings, meant.letter)
    if as_json:
        print_json([{**asdict(one), "stops": one in stops} for one in findings])
    else:
        shown = [one for one in findings if not quiet or one.level is not Level.NOTE]
        _show(meant, shown, reasons=not quiet)
        _sum_up(findings, stops)
    if stops:
        context.exit(1)


def _asked(meant: Meant, over: LookedOver, *, links: bool, filtered: bool) -> Iterator[Finding]:
    """What is asked of others."""
    if over.message is None:
        return
    if links:
        yield from dead_links(over.message.html, meant.settings)
    if filtered:
        yield spam(over.data, meant.letter)


def _show(meant: Meant, findings: Iterable[Finding], *, reasons: bool) -> None:
    out.print(f"[bold]{escape(meant.name)}[/]")
    for one in findings:
        out.print(f"\n{MARKS[one.level]} {escape(one.what)} [dim]{escape(one.rule)}{f' · {one.spot}' if one.spot else ''}[/]", soft_wrap=True)
        if reasons:
            out.print(*(f"  [dim]–[/] {escape(detail)}\n" for detail in one.details), sep="", end="", soft_wrap=True)
            out.print(f"  {escape(one.why)}\n  [dim]→[/] {escape(one.mend)}", soft_wrap=True)


def _sum_up(findings: Iterable[Finding], stops: Iterable[Finding]) -> None:
    counted = [(level, sum(one.level is level for one in findings)) for level in reversed(Level)]
    said = ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for level, count in counted if count)
    out.print(f"\n{said or 'Nothing was found'}.")
    if list(stops):
        err.print("[red]As it is, it does not go out.[/]")
