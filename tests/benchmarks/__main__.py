"""`make bench`: what an edition and a reader cost, as ratios taken side by side in one run, with memory. Not collected by pytest.

Each measurement has a process of its own, so that its peak memory is its own.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.benchmarks.choosing import choosing
from tests.benchmarks.compiling import compiling
from tests.benchmarks.desk import desk
from tests.benchmarks.dkim import signing
from tests.benchmarks.handing_over import databases, over_smtp, readers, two_workers
from tests.benchmarks.measure import Measured, Missing, megabytes
from tests.benchmarks.message import inliners, one_reader
from tests.benchmarks.pages import pages
from tests.benchmarks.personal import handing_over_personal, queueing_personal, remembering_personal
from tests.benchmarks.queueing import enqueuing
from tests.benchmarks.syncing import syncing

MEASUREMENTS: dict[str, Callable[[], Measured | list[Measured]]] = {
    "message": one_reader,
    "inlining": inliners,
    "signing": signing,
    "queueing": enqueuing,
    "personal queueing": queueing_personal,
    "personal": handing_over_personal,
    "personal memory": remembering_personal,
    "smtp": over_smtp,
    "readers": readers,
    "databases": databases,
    "workers": two_workers,
    "pages": pages,
    "desk": desk,
    "choosing": choosing,
    "compiling": compiling,
    "sync": syncing,
}


def measure(name: str) -> None:
    """One measurement, in this process; its figures as a line of JSON."""
    try:
        found = MEASUREMENTS[name]()
        rows = [asdict(one) for one in (found if isinstance(found, list) else [found])]
        print(json.dumps({"rows": rows, "memory": megabytes()}))  # noqa: T201 - read by the process that shows the table
    except Missing as missing:
        print(json.dumps({"missing": str(missing)}))  # noqa: T201


def show(names: list[str]) -> None:
    table = Table(title="Measured side by side on this machine, in this run", title_justify="left")
    for column in ("What", "Ours", "", "Against", "Ratio", "Aim", "Peak memory"):
        table.add_column(column, justify="left" if column in ("What", "Against") else "right")
    skipped = []
    for name in names:
        done = subprocess.run([sys.executable, "-m", "tests.benchmarks", "--one", name], check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(done.stdout)
        if "missing" in told:
            skipped.append(f"{name} was left out: {told['missing']}.")
        else:
            for row in told["rows"]:
                table.add_row(*_cells(memory=told["memory"], one=Measured(**row)))
    console = Console(width=150)
    console.print(table)
    for line in skipped:
        console.print(escape(line))


def _cells(one: Measured, memory: float) -> tuple[str, ...]:
    shown = {"s": _time, "/s": _speed, "MB": _size}[one.unit]
    against = f"{one.against}: {shown(one.other)}" if one.other else one.against
    ratio = f"{one.ours / one.other:.4f}" if one.other and one.ours < one.other / 10 else f"{one.ours / one.other:.2f}" if one.other else ""
    return one.what, shown(one.ours), one.more, against, ratio, one.aim, f"{memory:.0f} MB"


def _size(value: float) -> str:
    return f"{value:.0f} MB"


def _speed(value: float) -> str:
    return f"{value:,.0f}/s"


def _time(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.2f} ms" if value >= 1e-3 else f"{value * 1e6:.1f} µs"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2])
    else:
        show(sys.argv[1:] or list(MEASUREMENTS))
