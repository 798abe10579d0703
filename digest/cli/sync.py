"""`digest sync`: bring articles and comments in."""

from dataclasses import asdict

import click
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.progress import TaskID

from digest.cli.console import PARTLY, err, moment, out, print_json, progress, settings_of
from digest.errors import SettingsError
from digest.sources.http import Client
from digest.sources.sync import Report, SyncEvent
from digest.sources.sync import sync as sync_sources
from digest.sources.values import Problem, Progress
from digest.wiring import clock, open_store


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--json", "as_json", is_flag=True, help="The reports, for a script.")
@click.pass_context
def sync(context: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Bring articles and comments in from all sources, or those named, and take away what was removed there.

    Only what changed is fetched. One source that fails does not stop the others; what could not be read of one is said, the rest comes in.
    """
    settings = settings_of(context)
    if not settings.sources:
        raise SettingsError("digest.toml declares no source: add a table like [sources.site].")
    with progress() as bar, Client(settings.fetch) as client:
        reports = sync_sources(open_store(settings), settings, client=client, now=clock(), names=names, report=_Teller(bar, quiet=as_json))
    if as_json:
        print_json([{**asdict(report), "problems": [asdict(problem) for problem in report.problems]} for report in reports])
    else:
        for report in reports:
            _say(report, settings.publication.time_zone)
    if any(report.failure for report in reports):
        context.exit(PARTLY)


class _Teller:
    """Progress on a terminal, plain lines elsewhere; problems are said as they come."""

    def __init__(self, bar: Bar | None, *, quiet: bool) -> None:
        self._bar = bar
        self._quiet = quiet
        self._task: TaskID | None = None

    def __call__(self, told: SyncEvent) -> None:
        if isinstance(told.event, Problem):
            err.print(f"{escape(told.source)}: {escape(told.event.where)}: {escape(told.event.what)}")
        elif self._bar is None:
            if told.event is None and not self._quiet:
                err.print(f"{told.source}: reading …")
        else:
            self._show(self._bar, told)

    def _show(self, bar: Bar, told: SyncEvent) -> None:
        if told.event is None:
            self._task = bar.add_task(told.source, total=None)
        elif isinstance(told.event, Progress) and self._task is not None:
            bar.update(self._task, completed=told.event.done, total=told.event.total or None)
        elif isinstance(told.event, Report) and self._task is not None:
            bar.remove_task(self._task)
            self._task = None


def _say(report: Report, zone: str) -> None:
    if report.failure:
        out.print(f"[bold]{escape(report.source)}[/]: [red]{escape(report.failure)}[/]")
        return
    if report.waits_until:
        out.print(f"[bold]{escape(report.source)}[/]: asked for patience, not asked before {moment(report.waits_until, zone)}")
        return
    counts = report.counts
    articles = _changes(("new", counts.new_articles), ("changed", counts.changed_articles), ("withdrawn", counts.withdrawn_articles))
    comments = _changes(("new", counts.new_comments), ("changed", counts.changed_comments), ("removed", counts.removed_comments))
    problems = f" · [yellow]{len(report.problems)} could not be read[/]" if report.problems else ""
    out.print(f"[bold]{escape(report.source)}[/]: articles {articles} · comments {comments}{problems}")


def _changes(*numbers: tuple[str, int]) -> str:
    return ", ".join(f"{number:,} {word}" for word, number in numbers if number) or "unchanged"
