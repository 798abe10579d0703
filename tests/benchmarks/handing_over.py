"""claim → fill → address → transport → settle, by worker processes of their own: over SMTP to a sink, beside what else can be done; and to memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median

from sqlalchemy import Engine, update

from digest.delivery.queue import enqueue
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from subscribers.audience import audience
from tests.benchmarks.edition import NOW, make_edition, postgresql, ready, store
from tests.benchmarks.measure import Measured
from tests.benchmarks.rivals import aiosmtplib_sendmail, bare_sockets, naive_loop, smtplib_sendmail
from tests.benchmarks.sink import sink, source
from tests.benchmarks.working import CONNECTIONS, Worked, at_work

ROUNDS = 3
SOME = 20_000


def over_smtp() -> list[Measured]:
    """All in turns, on one sink, over ten connections each; the median of some rounds."""
    compiled = ready()
    data = compiled.message()
    with sink() as port:
        rounds = [
            {
                "ours": _queued_and_sent(store, SOME, f":{port}").speed,
                "source": source(port, messages=SOME, octets=len(data), sessions=CONNECTIONS),
                "bare": bare_sockets(port, data, SOME, CONNECTIONS),
                "smtplib": smtplib_sendmail(port, data, 5_000, CONNECTIONS),
                "aiosmtplib": aiosmtplib_sendmail(port, data, 3_000, CONNECTIONS),
                "naive": naive_loop(port, 30),
            }
            for _ in range(ROUNDS)
        ]
    speed = {name: median(one[name].per_second for one in rounds) for name in rounds[0]}
    cpu = {name: median(one[name].cpu for one in rounds) for name in rounds[0]}
    what = f"hand-over to smtp-sink, claim to settle (SQLite), {len(data) / 1000:.0f} kB"
    fast = [
        Measured(what=what, ours=speed["ours"], against="smtp-source -d -s 10", other=speed["source"], unit="/s", aim="≥ 0.9"),
        Measured(what=what, ours=speed["ours"], against="smtplib.sendmail, 10 threads", other=speed["smtplib"], unit="/s", aim="≥ 3"),
        Measured(what=what, ours=speed["ours"], against="aiosmtplib, 10 connections", other=speed["aiosmtplib"], unit="/s"),
        Measured(what=what, ours=speed["ours"], against="Jinja + premailer + EmailMessage each", other=speed["naive"], unit="/s"),
    ]
    what = "processor time of a message, claim to settle"
    return [
        *fast,
        Measured(what=what, ours=cpu["ours"], against="bare pipelined sockets", other=cpu["bare"], aim="≤ 2.5"),
        Measured(what=what, ours=cpu["ours"], against="smtplib.sendmail alone", other=cpu["smtplib"], aim="≤ 0.25"),
        Measured(what=what, ours=cpu["ours"], against="aiosmtplib alone", other=cpu["aiosmtplib"]),
    ]


def readers() -> list[Measured]:
    """Messages of an edition for a million readers, from its start and its middle, against those of one for ten thousand; and what a worker holds."""
    few, many = 10_000, 1_000_000
    with store(few) as engine:
        in_queue(engine)
        small = one_at_work(engine, few)
    with store(many) as engine:
        in_queue(engine)
        start = one_at_work(engine, few)
        with engine.begin() as connection:
            half = update(DeliveryRow).where(DeliveryRow.id <= many // 2, DeliveryRow.state == DeliveryState.QUEUED)
            connection.execute(half.values(state=DeliveryState.ACCEPTED, settled_at=NOW))
        middle = one_at_work(engine, few)
        large = one_at_work(engine, 10 * few)
    against = f"of an edition for {few:,}"
    return [
        Measured(what=f"a message at the start of {many:,} readers", ours=start.speed.cpu, against=against, other=small.speed.cpu, aim="0.9–1.1"),
        Measured(what=f"a message in the middle of {many:,} readers", ours=middle.speed.cpu, against=against, other=small.speed.cpu, aim="0.9–1.1"),
        Measured(what=f"a worker's memory, {few:,} readers", ours=small.memory, unit="MB", against="≤ 120 MB"),
        Measured(what=f"a worker's memory, {many:,} readers, {10 * few:,} messages", ours=large.memory, unit="MB", against="≤ 120 MB"),
    ]


def databases() -> Measured:
    """The same to memory, with the store in PostgreSQL and in SQLite."""
    with postgresql(SOME) as engine:
        in_queue(engine)
        ours = one_at_work(engine, SOME).speed
    with store(SOME) as engine:
        in_queue(engine)
        other = one_at_work(engine, SOME).speed
    return Measured(what="hand-over to memory, PostgreSQL", ours=ours.per_second, against="SQLite", other=other.per_second, unit="/s")


def two_workers() -> list[Measured]:
    """Two worker processes on one PostgreSQL against one, with a relay that takes ten milliseconds for a message, and with one that takes none: then
    two processors are shared by two workers and the database."""
    found = []
    for way, what in (("10", "two workers, a relay of 10 ms (PostgreSQL)"), ("memory", "two workers, to memory (PostgreSQL)")):
        with postgresql(2 * SOME) as engine:
            in_queue(engine)
            one = _together(at_work(engine, SOME // 2, way=way))
            two = _together(at_work(engine, SOME, workers=2, way=way))
        found.append(Measured(what=what, ours=two, against="one worker", other=one, unit="/s", aim="≥ 1.7" if way == "10" else ""))
    return found


def _together(worked: list[Worked]) -> float:
    return sum(one.messages for one in worked) / max(one.seconds for one in worked)


def _queued_and_sent(opened: Callable[[int], AbstractContextManager[Engine]], messages: int, way: str) -> Worked:
    with opened(messages) as engine:
        in_queue(engine)
        return one_at_work(engine, messages, way)


def in_queue(engine: Engine) -> int:
    edition = make_edition(engine, "weekly", ready())
    with engine.begin() as connection:
        enqueue(connection, edition, audience("weekly", NOW), NOW)
    return edition


def one_at_work(engine: Engine, messages: int, way: str = "memory") -> Worked:
    (worked,) = at_work(engine, messages, way=way)
    if worked.messages < messages:
        raise SystemExit(f"not everybody was reached: {worked}")
    return worked
