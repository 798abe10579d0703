"""Reading a big export into the store."""

import tempfile
from pathlib import Path

from lxml import etree

from digest.settings import parse
from digest.sources.http import Client
from digest.sources.sync import sync
from tests.benchmarks.edition import NOW, store
from tests.benchmarks.measure import Measured, seconds
from tests.benchmarks.prose import prose
from tests.sources.export_file import END, export, post, remark

MEGABYTES = 20
COMMENTS = 10  # an article


def syncing() -> Measured:
    """All of it: read, sanitised, made text and stored (SQLite). Against lxml walking through the same file and keeping nothing."""
    with tempfile.TemporaryDirectory() as folder, store(0) as engine:
        file = Path(folder) / "export.xml"
        articles = _write(file)
        settings = parse({"sources": {"site": {"kind": "wxr", "file": "export.xml"}}}, folder=Path(folder))

        def ours() -> None:
            with Client(settings.fetch) as client:
                (report,) = sync(engine, settings, client=client, now=NOW)
            if (report.failure, report.counts.new_articles, report.counts.new_comments) != ("", articles, COMMENTS * articles):
                raise SystemExit(f"not everything came in: {report}")

        def walk() -> None:
            for _, element in etree.iterparse(file, events=("end",)):
                element.clear()

        size = file.stat().st_size / 1e6
        took, other = seconds(ours, rounds=1), seconds(walk, rounds=1)
    what = f"sync of an export of {size:.0f} MB: {articles:,} articles, {COMMENTS * articles:,} comments (SQLite)"
    return Measured(what=what, ours=took, against="lxml.iterparse, nothing kept", other=other, more=f"{size / took:.1f} MB/s")


def _write(file: Path) -> int:
    """How many articles it took."""
    with file.open("w") as out:
        out.write(export().removesuffix(END))
        number = 0
        while out.tell() < MEGABYTES * 1_000_000:
            number += 1
            said = (remark(number * COMMENTS + one, content=prose(number + one, 60), author=f"Reader {one}") for one in range(COMMENTS))
            out.write(post(number, *said, title=f"News of day {number}", content="\n\n".join(prose(number * place, 90) for place in range(1, 8))))
        out.write(END)
    return number
