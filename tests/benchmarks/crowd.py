"""Readers at the pages, as many a second as it is said, over some kept connections, in a process of its own. Told by the command line.

Debian's `ab` only knows as fast as it can be; a sensible load is so many requests a second, whatever else the machine does.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
CONNECTIONS = 8
ONE_CLICK = "List-Unsubscribe=One-Click"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """`seconds` from the first to the last answer, `worst` of a single one, `cpu` the crowd's own."""

    requests: int
    failed: int
    seconds: float
    worst: float
    cpu: float


@contextmanager
def visited(port: int, rate: float, links: str = "") -> Iterator["subprocess.Popen[str]"]:
    """A crowd that comes until the end of the block. With `links`, a file of paths to leave, it acts; without, it only asks for the port's /."""
    command = [sys.executable, "-m", "tests.benchmarks.crowd", str(port), str(rate), links]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()


def told(running: "subprocess.Popen[str]") -> Visited:
    """What it saw, once it has been asked to go."""
    said, _ = running.communicate("stop\n")
    return Visited(**json.loads(said))


def come(port: int, rate: float, links: list[str]) -> Visited:
    """Until a line comes in. Who is late does not wait longer: the rate is kept as long as `CONNECTIONS` answers under way are enough for it."""
    stop, begun, spent = threading.Event(), time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        ways = [pool.submit(_one_way, port, rate, range(first, sys.maxsize, CONNECTIONS), links, stop) for first in range(CONNECTIONS)]
        sys.stdin.readline()
        stop.set()
    seen = [answered for way in ways for answered in way.result()]
    took = time.perf_counter() - begun
    worst, failed = max(took for _, took in seen), sum(not good for good, _ in seen)
    return Visited(requests=len(seen), failed=failed, seconds=took, worst=worst, cpu=time.process_time() - spent)


def _one_way(port: int, rate: float, numbers: range, links: list[str], stop: threading.Event) -> list[tuple[bool, float]]:
    """Over one connection: of each request whether it was answered well, and in how many seconds."""
    line, begun, seen = http.client.HTTPConnection("127.0.0.1", port, timeout=60), time.perf_counter(), list[tuple[bool, float]]()
    for number in numbers:
        if stop.wait(max(0.0, begun + number / rate - time.perf_counter())):
            break
        at = time.perf_counter()
        seen.append((_ask(line, *_wish(line, number, links)), time.perf_counter() - at))
    line.close()
    return seen


def _wish(line: http.client.HTTPConnection, number: int, links: list[str]) -> tuple[str, str, str]:
    """Of ten, six open a form, two look at the page to leave, one signs up, one leaves by one click."""
    if not links:
        return "GET", "/", ""
    kind, link = number % 10, links[number % len(links)]
    if kind < 6:
        return "GET", "/subscribe", ""
    if kind < 8:
        return "GET", link, ""
    if kind == 8:
        return "POST", link, ONE_CLICK
    line.request("GET", "/stamp")
    stamp = json.loads(line.getresponse().read())["stamp"]
    return "POST", "/subscribe", urlencode({"email": f"new{number}@b.example", "newsletters": "weekly", "stamp": stamp})


def _ask(line: http.client.HTTPConnection, method: str, path: str, sent: str) -> bool:
    line.request(method, path, sent or None, FORM if sent else {})
    answer = line.getresponse()
    answer.read()
    return answer.status == 200


if __name__ == "__main__":
    given = Path(sys.argv[3]).read_text().split() if sys.argv[3] else []
    print(json.dumps(asdict(come(int(sys.argv[1]), float(sys.argv[2]), given))), flush=True)  # noqa: T201
