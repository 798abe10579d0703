"""Postfix's smtp-sink, which takes every message and throws it away, and smtp-source, the C program that feeds it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.measure import Missing, Speed

SINK, SOURCE = "/usr/sbin/smtp-sink", "/usr/sbin/smtp-source"


@contextmanager
def sink() -> Iterator[int]:
    """The port of a running smtp-sink."""
    if shutil.which(SINK) is None:
        raise Missing(f"{SINK} (of postfix) is not on this machine")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    as_root = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([SINK, *as_root, "-c", f"127.0.0.1:{port}", "1000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _await(port)
            yield port
        finally:
            running.terminate()


def source(port: int, *, messages: int, octets: int, sessions: int) -> Speed:
    """smtp-source with so many messages, over that many kept connections."""
    command = [SOURCE, "-d", "-s", str(sessions), "-m", str(messages), "-l", str(octets), f"inet:127.0.0.1:{port}"]
    begun, spent = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took, after = time.perf_counter() - begun, os.times()
    used = after.children_user + after.children_system - spent.children_user - spent.children_system
    return Speed(per_second=messages / took, cpu=used / messages)


def _await(port: int) -> None:
    for _ in range(100):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Missing("smtp-sink did not begin to listen")
