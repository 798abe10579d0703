"""`digest subscribers import` and `import-suppressions`: people, and addresses nobody may write to, brought along from elsewhere."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
from rich.markup import escape

from digest.cli.console import PARTLY, err, out, print_json, progress, settings_of
from digest.cli.foretelling import foretell, foretold
from digest.cli.suppressing import REASONS
from digest.offered import fitting
from digest.settings import Settings
from digest.wiring import clock, open_store, signing_keys
from subscribers.lists.blocklist import Barred, Barring, suppress_rows
from subscribers.lists.csvfile import Problem
from subscribers.lists.formats import FORMATS
from subscribers.lists.intake import Plan
from subscribers.lists.layout import Wanted
from subscribers.lists.transfer import Report, glance, import_rows
from subscribers.tables import SubscriptionState, SuppressionReason

PROBLEMS_SHOWN = 50

a_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
as_format = click.option("--as", "format_", type=click.Choice(list(FORMATS)), help="Which program wrote the file; default: its columns tell.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Only say what would happen.")
json_option = click.option("--json", "as_json", is_flag=True, help="The counts and problems, for a script.")


@click.command("import")
@click.argument("newsletter")
@a_file
@as_format
@click.option("--keep", multiple=True, metavar="COLUMN", help="A further column to keep as an attribute; may be given several times.")
@click.option("--wording", default="", metavar="WORDS", help="The words these people agreed to, where the file does not say.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in SubscriptionState]),
    default=SubscriptionState.CONFIRMED.value,
    show_default=True,
    help="The most that a row may become; it may say less itself.",
)
@click.option("--pending", is_flag=True, help="They have not confirmed yet: the same as --state pending.")
@dry_run_option
@json_option
@click.pass_context
def import_command(
    context: click.Context,
    newsletter: str,
    file: Path,
    format_: str | None,
    keep: tuple[str, ...],
    wording: str,
    state: str,
    pending: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import readers from a CSV file.

    Exports of Mailchimp, listmonk, MailPoet, Substack, Ghost, WordPress.com (Jetpack) and Buttondown are recognised by their columns; any
    other list names its columns in the first line: email, name, language, time zone, confirmed at, origin … What is wrong with a row is said
    with its line, and the rest goes on. Nobody who left or is suppressed is brought back.
    """
    settings = settings_of(context)
    plan = Plan(
        newsletter=newsletter,
        state=SubscriptionState.PENDING if pending else SubscriptionState(state),
        origin=file.name,
        wording=wording,
        dry_run=dry_run,
        wanted=Wanted(format=format_ or "", keep=keep),
        offered=partial(fitting, settings.newsletter(newsletter)),
    )
    problems: list[Problem] = []
    with file.open("rb") as rows:
        seen = glance(rows, plan)
        report = _import(settings, rows, plan, _noting(problems, all_of_them=as_json))
    if as_json:
        print_json({**foretold(seen, plan), **_counts(report), **_listed(problems), "dry_run": dry_run})
    else:
        foretell(seen, plan)
        _say_problems(problems, report.wrong)
        _say(report, dry_run=dry_run)
    if report.wrong:
        context.exit(PARTLY)


def _import(settings: Settings, rows: BinaryIO, plan: Plan, on_problem: Callable[[Problem], None]) -> Report:
    keys, engine = signing_keys(settings), open_store(settings)
    with progress() as bar:
        task = bar.add_task("Importing", total=None) if bar else None

        def show(report: Report) -> None:
            if bar and task is not None:
                bar.update(task, completed=report.read)

        return import_rows(engine, rows, plan, keys=keys, now=clock(), on_problem=on_problem, on_progress=show)


@click.command("import-suppressions")
@a_file
@click.option("--reason", type=REASONS, help="Why, for all of them; default: what each row says, else by-hand.")
@as_format
@dry_run_option
@json_option
@click.pass_context
def import_suppressions_command(context: click.Context, file: Path, reason: str | None, format_: str | None, dry_run: bool, as_json: bool) -> None:
    """Suppress the addresses of a CSV file.

    No list, form or import brings them back until they are lifted. Hashes of addresses cannot be taken in: nobody could be found by them.
    """
    settings = settings_of(context)
    problems: list[Problem] = []
    barring = Barring(origin=file.name, reason=SuppressionReason(reason) if reason else None, dry_run=dry_run, wanted=Wanted(format=format_ or ""))
    with file.open("rb") as rows:
        keys, engine = signing_keys(settings), open_store(settings)
        barred = suppress_rows(engine, rows, barring, keys=keys, now=clock(), on_problem=_noting(problems, all_of_them=as_json))
    if as_json:
        print_json({**_counts(barred), **_listed(problems), "dry_run": dry_run})
    else:
        _say_problems(problems, barred.wrong)
        rest = _rest((barred.already, "on the list already"), (barred.duplicates, "twice in the file"), (barred.wrong, "wrong"))
        out.print(f"{barred.read:,} rows: {barred.added:,} {'would be suppressed' if dry_run else 'suppressed'}{rest}.")
    if barred.wrong:
        context.exit(PARTLY)


def _counts(report: Report | Barred) -> dict[str, int]:
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


def _listed(problems: list[Problem]) -> dict[str, object]:
    return {"problems": [{"line": problem.line, "text": problem.text} for problem in problems]}


def _noting(problems: list[Problem], *, all_of_them: bool) -> Callable[[Problem], None]:
    """Keeps what is going to be shown: a file of a million wrong rows takes no more memory than a good one."""

    def note(problem: Problem) -> None:
        if all_of_them or len(problems) < PROBLEMS_SHOWN:
            problems.append(problem)

    return note


def _say_problems(problems: list[Problem], number: int) -> None:
    for problem in problems:
        err.print(f"line {problem.line}: {escape(problem.text)}")
    if number > len(problems):
        err.print(f"and {number - len(problems):,} more: --json lists them all")


def _say(report: Report, *, dry_run: bool) -> None:
    states = _rest((report.pending, "pending"), (report.unsubscribed, "as having left")).removeprefix(", ")
    rest = _rest(
        (report.ended, f"{'would be ' if dry_run else ''}ended (the file says they left)"),
        (report.already, "there already"),
        (report.left, "had left (not brought back)"),
        (report.barred, f"{'would be ' if dry_run else ''}suppressed (the file says they bounced, complained or are blocked)"),
        (report.suppressed, "suppressed (not brought back)"),
        (report.duplicates, "twice in the file"),
        (report.wrong, "wrong"),
    )
    added = f"{report.added:,} {'would be added' if dry_run else 'added'}" + (f" ({states})" if states else "")
    out.print(f"{report.read:,} rows: {added}{rest}.")


def _rest(*parts: tuple[int, str]) -> str:
    return "".join(f", {number:,} {word}" for number, word in parts if number)
