"""The readers' pages: how many a second, and what a send beside them loses, on one machine for all."""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median

from sqlalchemy import Engine, select

from subscribers.tables import Subscription
from subscribers.tokens import Purpose, sign
from tests.benchmarks.crowd import Visited, told, visited
from tests.benchmarks.edition import postgresql, store
from tests.benchmarks.handing_over import SOME, in_queue, one_at_work
from tests.benchmarks.measure import Measured, Missing
from tests.benchmarks.opening import opened
from tests.benchmarks.sink import sink
from tests.benchmarks.working import KEY

AB = "/usr/bin/ab"
ONE_CLICK = "List-Unsubscribe=One-Click"
REQUESTS, AT_ONCE, ROUNDS = 500, 8, 5
WARM_SECONDS = 3  # of the crowd before the send: pages that have just begun would still load their templates
LEAVERS = 2_000  # of whom some leave while the send is under way, and get no mail then
# A million readers' list whose readers mostly look within three hours, every second one of them at one page: 46 requests a second.
RATE = 50


def pages() -> list[Measured]:
    found = []
    for kind, make in (("SQLite", store), ("PostgreSQL", postgresql)):
        try:
            found += [*_alone(kind, make), *_beside(kind, make)]
        except Missing:
            if kind == "SQLite":
                raise
    return found


def _alone(kind: str, make: Callable[[int], AbstractContextManager[Engine]]) -> list[Measured]:
    """As fast as they can, under `ab`, which is in C and costs little."""
    if shutil.which(AB) is None:
        raise Missing(f"{AB} (of apache2-utils) is not on this machine")
    with make(SOME) as engine, opened(_url(engine)) as port, opened() as plain:
        link = links(engine, 1)[0]
        other = _ab(plain, "/")
        rows = {
            "GET /subscribe": _ab(port, "/subscribe"),
            "GET /leave/TOKEN": _ab(port, link),
            "POST /subscribe": _ab(port, "/subscribe", "email=new@b.example&newsletters=weekly"),
            "POST /leave/TOKEN, one click": _ab(port, link, ONE_CLICK),
        }
    against = "one line of text by the same server"
    return [Measured(what=f"{what} ({kind})", ours=speed, against=against, other=other, unit="/s") for what, speed in rows.items()]


def _beside(kind: str, make: Callable[[int], AbstractContextManager[Engine]]) -> list[Measured]:
    """A send of its own, beside the same crowd at a server that only says hello, and beside the crowd at the pages; in turns."""
    rounds = []
    crowd: list[Visited] = []
    with sink() as port:
        for _ in range(ROUNDS):
            alone, hello, busy = (_send(make, f":{port}", crowd, way) for way in ("alone", "hello", "pages"))
            rounds.append((alone, hello, busy))
    alone, hello, busy = (median(one) for one in zip(*rounds, strict=True))
    rate, failed = sum(one.requests for one in crowd) / sum(one.seconds for one in crowd), sum(one.failed for one in crowd)
    what = f"a send beside {RATE} page requests a second ({kind})"
    more = f"{rate:.0f} requests/s, {failed} failed, {max(one.worst for one in crowd) * 1_000:.0f} ms at worst"
    return [
        Measured(what=what, ours=busy, more=more, against="the same send alone", other=alone, unit="/s", aim="≥ 0.9"),
        Measured(what=what, ours=busy, against="beside the same crowd at a server that says hello", other=hello, unit="/s"),
    ]


def _send(make: Callable[[int], AbstractContextManager[Engine]], way: str, crowd: list[Visited], beside: str) -> float:
    with make(SOME + LEAVERS) as engine:
        in_queue(engine)
        if beside == "alone":
            return one_at_work(engine, SOME, way).speed.per_second
        with tempfile.NamedTemporaryFile("w", suffix=".links") as file, opened(_url(engine) if beside == "pages" else "") as port:
            if beside == "pages":
                file.write("\n".join(links(engine, LEAVERS)))
                file.flush()
            with visited(port, RATE, file.name if beside == "pages" else "") as running:
                time.sleep(WARM_SECONDS)
                speed = one_at_work(engine, SOME, way).speed.per_second
                seen = told(running)
        if beside == "pages":
            crowd.append(seen)
        return speed


def links(engine: Engine, number: int) -> list[str]:
    """The paths by which the last readers of the list may leave."""
    with engine.begin() as connection:
        ids = connection.scalars(select(Subscription.public_id).order_by(Subscription.id.desc()).limit(number)).all()
    return [f"/leave/{sign(Purpose.LEAVE, one, [KEY])}" for one in ids]


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def _ab(port: int, path: str, sent: str = "") -> float:
    """Requests a second. Every one must be answered; the first press without a stamp is answered with a page that asks for one more."""
    with tempfile.NamedTemporaryFile("w") as body:
        body.write(sent)
        body.flush()
        post = ["-p", body.name, "-T", "application/x-www-form-urlencoded"] if sent else []
        command = [AB, "-q", "-k", "-n", str(REQUESTS), "-c", str(AT_ONCE), "-l", *post, f"http://127.0.0.1:{port}{path}"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Failed requests:\s+(\d+)", said)
    speed = re.search(r"Requests per second:\s+([\d.]+)", said)
    if failed is None or speed is None or int(failed[1]):
        raise SystemExit(f"not every request of {path.split('/')[1]} was answered:\n{said}")
    return float(speed[1])
