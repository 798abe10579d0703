"""`digest desk`: the editors' desk in a browser."""

import os
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import click
from sqlalchemy import Engine

from digest.cli.console import err, out, settings_of, start_log
from digest.cli.engine import work
from digest.cli.handing_over import mailroom, stopping
from digest.deliver import new_shift
from digest.desk.ahead import asked_ahead
from digest.desk.app import application
from digest.desk.door.entrance import Entrance, open_entrance
from digest.desk.studio import Studio
from digest.lane import Lane
from digest.listen import Listen, parse_listen
from digest.settings import Settings
from digest.web.serve import serving
from digest.wiring import clock, open_store


@click.command()
@click.option("--listen", metavar="ADDRESS", help="Like 127.0.0.1:8020; default: what [desk] says.")
@click.option("--open/--no-open", "browse", default=True, help="Open the browser, where there is one.")
@click.option("--deliver/--no-deliver", default=True, help="Hand over what goes out, as `digest work` does.")
@click.pass_context
def desk(context: click.Context, listen: str | None, browse: bool, deliver: bool) -> None:
    """See exactly what goes out, know why, and have the last word: a page for editors, until stopped.

    On this machine alone it is opened by a link that is good once. To share it, see docs/desk.md.
    What is approved is published by `digest run` or `digest send --due`; what is sent at the desk itself leaves from here, too.
    """
    start_log()
    settings = settings_of(context)
    file = Path(context.find_root().obj)
    with stopping() as stop, opened(settings, file, parse_listen(listen or settings.desk.listen, "desk")) as (address, entrance):
        _tell(address, entrance, settings, browse=browse)
        if deliver:
            _deliver(entrance.engine, settings, stop)
        else:
            stop.wait()


def _deliver(engine: Engine, settings: Settings, stop: Event) -> None:
    """Until stopped."""
    with new_shift(room := mailroom(engine, settings, "desk", stop)) as shift, Lane(room, shift):
        work(room, shift)


@contextmanager
def opened(settings: Settings, file: Path, listen: Listen) -> Iterator[tuple[Listen, Entrance]]:
    """The desk, open until the end of the block: where it listens, and the ways into it."""
    engine = open_store(settings)
    studio = Studio(engine=engine, file=file, environment=os.environ, clock=clock)
    entrance = open_entrance(engine, settings.desk, listen, keys=studio.keys, clock=clock)
    try:
        # What is within ends first, and tells all to close: a server that waits for its answers would be held up by pages that listen for news.
        with serving(application(studio, entrance), listen) as address, asked_ahead(studio):
            yield address, entrance
    finally:
        engine.dispose()


def _tell(address: Listen, entrance: Entrance, settings: Settings, *, browse: bool) -> None:
    if not entrance.local:
        out.print(f"The desk is open: {settings.desk.url or f'http://{address}/'}")
        return
    link = f"http://{address}{entrance.links.make(clock())}"
    out.print(f"The desk is open. This link works once, for a quarter of an hour:\n  {link}", soft_wrap=True)
    if browse and not _browsed(link):
        err.print("There is no browser here: open the link in one on this machine.")


def _browsed(link: str) -> bool:
    try:
        return webbrowser.get().open(link)
    except webbrowser.Error:
        return False
