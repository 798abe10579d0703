"""`digest db upgrade`."""

import click

from digest.cli.console import out, settings_of
from digest.cli.engine import upgrade_jobs
from digest.database import upgrade
from digest.wiring import open_database_of


@click.group()
def db() -> None:
    """Bring the database's tables up to date."""


@db.command("upgrade")
@click.pass_context
def upgrade_command(context: click.Context) -> None:
    """Make the tables, or bring them to this version's form. Harmless when there is nothing to do."""
    settings = settings_of(context)
    engine = open_database_of(settings)
    out.print("The tables are up to date now." if upgrade(engine) else "The tables were up to date already.")
    if upgrade_jobs(engine, settings):
        out.print("The tables for jobs, which are Procrastinate's own, are there now.")
