"""`digest serve`: the readers' pages, and the letters that what they do there calls for."""

import click

from digest.cli.console import err, settings_of, start_log
from digest.cli.handing_over import mailroom, stopping
from digest.cli.pages import pages
from digest.deliver import new_shift
from digest.lane import Lane
from digest.wiring import open_store


@click.command()
@click.option("--listen", metavar="ADDRESS", help="Like 127.0.0.1:8010 or unix:/run/digest/pages.sock; default: what [pages] says.")
@click.pass_context
def serve(context: click.Context, listen: str | None) -> None:
    """Serve the readers' pages until stopped: to subscribe, confirm, choose, leave, and see a mail in the browser.

    The letters that follow from it leave from here as well. A web server that speaks https stands before the pages: docs/pages.md has its few lines.
    `digest run` serves them, too.
    """
    start_log()
    settings = settings_of(context)
    engine = open_store(settings)
    if not settings.pages.url:
        err.print("[yellow][pages] url is empty: the pages answer to this machine only.[/]")
    with (
        stopping() as stop,
        new_shift(room := mailroom(engine, settings, "serve", stop)) as shift,
        Lane(room, shift) as lane,
        pages(settings, listen or settings.pages.listen, lane.wake),
    ):
        stop.wait()
