"""`digest demo`: the whole line on an invented paper."""

import sys
from pathlib import Path
from shutil import which

import click
from rich.markup import escape
from rich.table import Table

from digest.cli.console import PARTLY, err, out, progress
from digest.cli.handing_over import tally_text
from digest.delivery.values import Outcome
from digest.demo.show import Shown, show
from digest.editions.values import Kind, Place


class HostPort(click.ParamType[tuple[str, int]]):
    name = "host:port"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, colon, port = str(value).rpartition(":")
        if not (colon and host and port.isdigit()):
            self.fail(f"“{value}” is no HOST:PORT.", param, ctx)
        return host, int(port)


@click.command()
@click.option(
    "--folder", default="demo", metavar="FOLDER", show_default=True, type=click.Path(file_okay=False, path_type=Path), help="Where everything goes."
)
@click.option("--smtp", type=HostPort(), metavar="HOST:PORT", help="Deliver there over SMTP instead of into the folder.")
@click.pass_context
def demo(context: click.Context, folder: Path, smtp: tuple[str, int] | None) -> None:
    """Show everything on an invented paper, The Lantern Quay.

    Its articles and comments come in from a feed and an export file; the edition of a Monday morning is chosen, drawn and queued for
    sixty readers, and every mail is delivered into a folder. Nothing leaves this machine, unless --smtp names another.
    """
    with progress() as bar:
        task = bar.add_task("Handing over", total=60, visible=False) if bar else None

        def step(text: str) -> None:
            err.print(f"{escape(text)} …")

        def count(outcome: Outcome) -> None:
            if bar and task is not None:
                bar.update(task, advance=1, visible=True)

        shown = show(folder, smtp=smtp, step=step, handed_over=count)
    _say(shown, smtp)
    if shown.delivered.failure or shown.delivered.tally.accepted != shown.readers:
        context.exit(PARTLY)


def _say(shown: Shown, smtp: tuple[str, int] | None) -> None:
    table = Table.grid(padding=(0, 2))
    for report in shown.reports:
        comments = f"{report.counts.new_comments} comments" if report.counts.new_comments else ""
        table.add_row(report.source, f"{report.counts.new_articles} articles", comments)
    out.print("\n[bold]Came in[/]")
    out.print(table)
    edition = shown.published.edition
    counts = {place: sum(pick.place is place for pick in shown.choice.picks) for place in Place}
    articles = sum(pick.kind is Kind.ARTICLE and pick.place is not Place.RESERVE for pick in shown.choice.picks)
    out.print(f"\n[bold]Chosen[/]  {articles} articles, {counts[Place.QUOTE]} with a quoted comment, {counts[Place.TOP]} top comments")
    out.print(f"[bold]Subject[/] {escape(edition.subject)}")
    out.print(f"[bold]Mails[/]   {tally_text(shown.delivered.tally)} for {shown.readers} readers")
    if shown.delivered.failure:
        out.print(f"[red]{escape(shown.delivered.failure)}[/]")
    _where_to_look(shown, smtp)


def _where_to_look(shown: Shown, smtp: tuple[str, int] | None) -> None:
    folder = shown.folder
    look = Table.grid(padding=(0, 2))
    if smtp:
        look.add_row("the mails", f"on the server at {smtp[0]}:{smtp[1]}")
    else:
        look.add_row(f"{folder}/mail.html", f"the mail, for a browser ({shown.html_bytes / 1000:.0f} kB)")
        look.add_row(f"{folder}/mail.txt", "its plain-text twin")
        look.add_row(f"{folder}/outbox/", "every reader's mail as it would be sent, one .eml each")
    look.add_row(f"{folder}/digest.toml", "the settings")
    out.print("\n[bold]Look at[/]")
    out.print(look)
    out.print("\n[bold]Try[/]")
    program = _program()
    for command, what in (
        (f"cd {folder}", ""),
        (f"{program} draft weekly --at 2026-11-30T07:00", "what the next edition would hold, and why"),
        (f"{program} send weekly --at 2026-11-23T07:00", "the same again: nothing is sent twice"),
        (f"{program} status", "what stands where"),
        (f"{program} serve", "the readers' pages: http://127.0.0.1:8010/box/weekly has the box"),
    ):
        out.print(f"{escape(command):<{len(program) + 38}}[dim]{what}[/]".rstrip(), soft_wrap=True)


def _program() -> str:
    """How this very program can be called from another folder: `make demo` runs one that is on nobody's path."""
    return "digest" if which("digest") else str(Path(sys.argv[0]).absolute())
