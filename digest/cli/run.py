"""`digest run`: scheduler, worker and pages in one process."""

import logging

import click
from rich.markup import escape
from sqlalchemy import Engine

from digest.cli.console import err, moment, settings_of, start_log
from digest.cli.doing import said, tell_editors
from digest.cli.engine import dispatch_of, work
from digest.cli.handing_over import mailroom, stopping
from digest.cli.pages import pages_beside
from digest.deliver import new_shift
from digest.due import publish_due
from digest.errors import DigestError
from digest.lane import Lane
from digest.scheduler import start
from digest.settings import Settings
from digest.sources.http import Client
from digest.sources.recheck import rechecking
from digest.sources.sync import sync
from digest.wiring import clock, open_store

log = logging.getLogger("digest.run")


@click.command()
@click.pass_context
def run(context: click.Context) -> None:
    """Keep the sources in step, publish each newsletter at its slots, deliver, and serve the readers' pages, in one process, until stopped.

    A slot missed while this was not running is published at the start, unless a later one has passed since. Of several, on one machine or on
    many, one keeps the schedule until it ends, and all deliver. `digest send --due` beside them does no harm: a slot makes one edition, an
    edition one mail a reader.
    """
    start_log()
    settings = settings_of(context)
    engine = open_store(settings)
    for letter in (one for declared in settings.newsletters.values() for one in declared.in_every_cadence()):
        err.print(f"{escape(letter.label)}: next slot {moment(letter.slot_after(clock()), letter.zone)} ({letter.time_zone})")
    with stopping() as stop, new_shift(room := mailroom(engine, settings, "run", stop)) as shift, Lane(room, shift) as lane:
        scheduler = start(
            settings,
            publish=lambda: publish_now(engine, settings),
            sync=lambda: sync_now(engine, settings),
            now=clock(),
            lead=lambda: shift.lead("schedule"),
        )
        try:
            with pages_beside(settings, lane.wake):
                work(room, shift)
        finally:
            scheduler.shutdown(wait=True)


def publish_now(engine: Engine, settings: Settings) -> None:
    """What the clockwork does at every slot and cut-off: whatever is due, each newsletter for itself, and then telling the editors of what stands."""
    now = clock()
    for label, result in publish_due(engine, settings, now=now, recheck=rechecking(engine, settings, now), dispatch=dispatch_of(settings)):
        if isinstance(result, DigestError):
            log.error("%s: %s", label, result)
        else:
            log.info("%s: %s", label, said(result, settings, now))
    if told := tell_editors(engine, settings, now):
        log.info("%d notes to editors handed over", told)


def sync_now(engine: Engine, settings: Settings) -> None:
    """What it does every few minutes. What could not be published at its slot, for the database was away or a template broken, is tried again
    right afterwards: the next slot may be a week off."""
    with Client(settings.fetch) as client:
        for report in sync(engine, settings, client=client, now=clock()):
            log.info("%s", report)
    publish_now(engine, settings)
