"""Whether links lead anywhere: each address is asked once, few at a time, and all of them within one time limit."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from queue import Empty, SimpleQueue
from time import monotonic

from digest.errors import Refused, SourceError, TryLater
from digest.settings import Fetch
from digest.sources.connection import Resolve, resolve
from digest.sources.http import Answer, Client, TooMuch

AT_ONCE = 4
SECONDS_EACH = 10.0  # HEAD and GET each; a page that takes longer is no page for a reader
SECONDS = 60.0


class Way(StrEnum):
    OPEN = "open"
    DEAD = "dead"  # the server says that there is nothing, or there is no server
    UNSURE = "unsure"  # it would not say: asks for patience, wants a person, or took too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What became of one address. `why` is a sentence, empty where it is open; `moved_to` is set when it has moved for good."""

    url: str
    way: Way
    why: str = ""
    moved_to: str = ""


def reach(urls: Iterable[str], fetch: Fetch, *, seconds: float = SECONDS, resolve: Resolve = resolve) -> tuple[Reached, ...]:
    """Each address once, in their order. What is not asked when `seconds` are over is unsure; addresses on our own side are not asked at all."""
    asked = list(dict.fromkeys(urls))
    waiting: SimpleQueue[str] = SimpleQueue()
    for url in asked:
        waiting.put(url)
    limits = fetch.model_copy(update={"timeout_seconds": min(SECONDS_EACH, fetch.timeout_seconds)})
    end = monotonic() + seconds

    def work(_: int) -> list[Reached]:
        with Client(limits, resolve=resolve, pause_seconds=0) as client:
            return list(_in_turn(client, waiting, end))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = {one.url: one for some in pool.map(work, range(min(AT_ONCE, len(asked)))) for one in some}
    return tuple(found[url] for url in asked)


def _in_turn(client: Client, waiting: "SimpleQueue[str]", end: float) -> Iterable[Reached]:
    while True:
        try:
            url = waiting.get_nowait()
        except Empty:
            return
        yield _one(client, url) if monotonic() < end else Reached(url=url, way=Way.UNSURE, why="There was no time left to ask for it.")


def _one(client: Client, url: str) -> Reached:
    try:
        answer = _asked(client, url)
    except (Refused, TryLater, TooMuch) as error:
        return Reached(url=url, way=Way.UNSURE, why=str(error))
    except SourceError as error:
        return Reached(url=url, way=Way.DEAD, why=str(error))
    return _judged(url, answer)


def _asked(client: Client, url: str) -> Answer:
    """By HEAD, which costs the server little; some answer it otherwise than GET, or fail at it: then what they say to GET counts."""
    try:
        answer = client.head(url)
    except (Refused, TryLater, TooMuch):
        raise
    except SourceError:
        return client.get(url)
    return answer if answer.status < 400 else client.get(url)


def _judged(url: str, answer: Answer) -> Reached:
    if answer.status in (404, 410):
        return Reached(url=url, way=Way.DEAD, why=f"It answers {answer.status}: there is nothing.")
    if answer.status >= 400:
        return Reached(url=url, way=Way.UNSURE, why=f"It answers {answer.status}; a reader may see it all the same.")
    return Reached(url=url, way=Way.OPEN, moved_to=answer.moved_to)
