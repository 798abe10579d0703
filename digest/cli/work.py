"""`digest work`: only deliver."""

import click

from digest.cli.console import PARTLY, print_json, settings_of, start_log
from digest.cli.engine import work as work_on
from digest.cli.handing_over import hand_over, in_part, mailroom, show_stand, stand_as_json, stopping
from digest.deliver import new_shift
from digest.lane import Lane
from digest.wiring import open_store


@click.command()
@click.option("--until-empty", is_flag=True, help="End when nothing can be handed over now, instead of waiting for more.")
@click.option("--json", "as_json", is_flag=True, help="With --until-empty: how each edition stands, for a script.")
@click.pass_context
def work(context: click.Context, until_empty: bool, as_json: bool) -> None:
    """Deliver what is queued, and go on doing so until stopped. Any number of workers may run beside each other."""
    settings = settings_of(context)
    engine = open_store(settings)
    if not until_empty:
        start_log()
        with stopping() as stop, new_shift(room := mailroom(engine, settings, "work", stop)) as shift, Lane(room, shift):
            work_on(room, shift)
        return
    stands = hand_over(engine, settings, "work")
    if as_json:
        print_json([stand_as_json(stand) for stand in stands])
    else:
        for stand in stands:
            show_stand(stand, settings.publication.time_zone)
    if in_part(stands):
        context.exit(PARTLY)
