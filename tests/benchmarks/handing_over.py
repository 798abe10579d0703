"""claim → fill → address → transport → settle, to memory and to a real SMTP sink."""

import os
import shutil
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.deliver import Desk, deliver
from digest.delivery.memory import MemoryTransport, accept
from digest.delivery.queue import enqueue
from digest.delivery.smtp import SmtpTransport
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.settings import Settings, Smtp, parse
from subscribers.audience import audience
from tests.benchmarks.edition import NOW, make_edition, ready, store
from tests.benchmarks.measure import Measured, Missing, seconds

SINK = "/usr/sbin/smtp-sink"  # of postfix; takes every message and throws it away
MESSAGES = 1_000
KEY = "a-key-of-the-benchmarks"


def to_memory(readers: int) -> Measured:
    """Per message, all that stands between the queue and the relay: two statements and a commit for each, over the default number of connections."""
    compiled = ready()
    with store(readers) as engine:
        edition = make_edition(engine, "weekly", compiled)
        with engine.begin() as connection:
            enqueue(connection, edition, audience("weekly"), NOW)
        desk = Desk(engine=engine, settings=_settings(), open_transport=_forgetting, keys=[KEY], clock=lambda: NOW)
        begun = time.perf_counter()
        (stand,) = deliver(desk)
        took = time.perf_counter() - begun
    if stand.tally.accepted != readers:
        raise SystemExit(f"not everybody was reached: {stand.tally}")
    return Measured(
        what=f"hand-over to memory, per message, {readers:,} readers (SQLite)",
        ours=took / readers,
        against="bare fill and address",
        other=seconds(compiled.message, times=1_000),
        more=f"{readers / took:,.0f} messages/s",
    )


def to_a_sink() -> Measured:
    """Per message on one kept connection, ours and smtplib's, in turns."""
    data = ready().message()
    envelope = Envelope(name="1", sender="news@bench.example", recipient="a@b.example", data=data)
    with _sink() as port:
        smtp = Smtp(host="127.0.0.1", port=port, security="none", messages_per_connection=10 * MESSAGES)
        with SmtpTransport(smtp) as transport, smtplib.SMTP("127.0.0.1", port) as line:

            def ours() -> None:
                if transport.send(envelope).kind is not OutcomeKind.ACCEPTED:
                    raise SystemExit("the sink did not take a message")

            def theirs() -> None:
                line.sendmail(envelope.sender, [envelope.recipient], data)

            rounds = [(seconds(ours, times=MESSAGES, rounds=1), seconds(theirs, times=MESSAGES, rounds=1)) for _ in range(3)]
    took, other = (min(times) for times in zip(*rounds, strict=True))
    what = f"hand-over over SMTP, per message of {len(data) / 1000:.0f} kB, one connection"
    return Measured(what=what, ours=took, against="smtplib.sendmail", other=other, more=f"{1 / took:,.0f} messages/s")


def _settings() -> Settings:
    letter = {"title": "Weekly", "from_address": "news@bench.example"}
    return parse({"pages": {"url": "https://bench.example"}, "newsletters": {"weekly": letter}}, folder=Path())


def _forgetting() -> MemoryTransport:
    """Keeps the last message only, so that the memory measured is the program's own."""

    def answer(envelope: Envelope) -> Outcome:
        transport.sent.clear()
        return accept(envelope)

    transport = MemoryTransport(answer)
    return transport


@contextmanager
def _sink() -> Iterator[int]:
    """The port of a running smtp-sink."""
    if shutil.which(SINK) is None:
        raise Missing(f"{SINK} (of postfix) is not on this machine")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    as_root = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([SINK, *as_root, "-c", f"127.0.0.1:{port}", "1000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as sink:
        try:
            _await(port)
            yield port
        finally:
            sink.terminate()


def _await(port: int) -> None:
    for _ in range(100):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Missing("smtp-sink did not begin to listen")
