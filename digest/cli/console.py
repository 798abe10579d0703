"""What all commands share at the terminal: where to print, how to show progress, how to name moments."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from digest.settings import Settings, read
from digest.told import told

# Into a pipe or a file nothing is cut to the width of a window that is not there.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 240)
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else 240)

FIGURES = ("Articles", "Comments", "Confirmed", "Pending", "Left", "Rate", "Handed over", "Process")

PARTLY = 3  # the exit code of a thing done in part
NOTHING_NEW = 4  # … and of a mail that its reader does not get, for there is nothing new for them


def settings_of(context: click.Context) -> Settings:
    config: str = context.find_root().obj
    return read(Path(config), os.environ)


def start_log() -> None:
    """A command that runs until it is stopped tells what it does in lines on stderr."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("alembic", "apscheduler", "httpx2", "httpcore2", "procrastinate"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for open_to_strangers in ("uvicorn", "python_multipart"):  # what they warn of is a request that is none, and anybody may send a thousand
        logging.getLogger(open_to_strangers).setLevel(logging.ERROR)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def moment(value: datetime | None, zone: ZoneInfo | str) -> str:
    """Mon 23 Nov 2026 07:00, in `zone`; a dash for none."""
    return "–" if value is None else told(value, zone)


def table_of(title: str, *columns: str) -> Table:
    """A table without lines; figures stand right."""
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in FIGURES else "left")
    return table


class MomentType(click.ParamType[datetime]):
    """A moment as an option: “now”, or ISO 8601; without an offset it is meant in the newsletter's own zone (see `at_zone`)."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        if value == "now":
            return datetime.now(UTC)
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"“{value}” is no time; write it as 2026-11-23T07:00, or now.", param, ctx)
        if not 1990 <= found.year <= 2999:
            self.fail(f"“{value}” is not a time that a newsletter is sent at.", param, ctx)
        return found


def at_zone(value: datetime, zone: ZoneInfo) -> datetime:
    """The moment in UTC, whole seconds; a naive one is meant in `zone`."""
    aware = value if value.tzinfo else value.replace(tzinfo=zone)
    return aware.astimezone(UTC).replace(microsecond=0)


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


@contextmanager
def progress() -> Iterator[Progress | None]:
    """A progress display with rate and time left on a terminal; None elsewhere, where plain lines are printed instead."""
    if not err.is_terminal:
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as display:
        yield display
