"""The same messages to the same sink by other means: bare pipelined sockets, smtplib, aiosmtplib, and the obvious loop."""

import asyncio
import smtplib
import socket
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage

import aiosmtplib

from digest.render.inline import inline
from tests.benchmarks.edition import drawn
from tests.benchmarks.measure import Speed

SENDER, READER = "news@bench.example", "reader@b.example"
ANNOUNCED = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{READER}>\r\nDATA\r\n".encode()
REPLIES = 4  # to a message's end, and to MAIL, RCPT and DATA of the next


def timed(work: Callable[[], object], messages: int) -> Speed:
    begun, spent = time.perf_counter(), time.process_time()
    work()
    return Speed(per_second=messages / (time.perf_counter() - begun), cpu=(time.process_time() - spent) / messages)


def bare_sockets(port: int, data: bytes, messages: int, connections: int) -> Speed:
    """The least that can be done: ready bytes, every reply counted and none read."""
    return timed(lambda: _in_threads(lambda number: _bare(port, data, number), messages, connections), messages)


def smtplib_sendmail(port: int, data: bytes, messages: int, connections: int) -> Speed:
    return timed(lambda: _in_threads(lambda number: _smtplib(port, data, number), messages, connections), messages)


def aiosmtplib_sendmail(port: int, data: bytes, messages: int, connections: int) -> Speed:
    return timed(lambda: asyncio.run(_aiosmtplib(port, data, messages, connections)), messages)


def naive_loop(port: int, messages: int) -> Speed:
    """Jinja, premailer and EmailMessage anew for every reader, over one kept connection."""
    return timed(lambda: _naive(port, messages), messages)


def _naive(port: int, messages: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as line:
        for _ in range(messages):
            page = drawn()
            message = EmailMessage()
            message["Subject"], message["From"], message["To"] = "Weekly", SENDER, READER
            message.set_content(page.text)
            message.add_alternative(inline(page.html), subtype="html")
            line.send_message(message)


def _in_threads(work: Callable[[int], None], messages: int, connections: int) -> None:
    threads = [threading.Thread(target=work, args=(messages // connections,)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _bare(port: int, data: bytes, messages: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _await(line, 1)
        line.sendall(b"HELO bench.example\r\n" + ANNOUNCED)
        _await(line, REPLIES)
        for _ in range(messages):
            line.sendmsg([data, b".\r\n", ANNOUNCED])
            _await(line, REPLIES)


def _await(line: socket.socket, replies: int) -> None:
    while replies > 0:
        said = line.recv(4096)
        if not said:
            raise SystemExit("the sink closed the connection")
        replies -= said.count(b"\r\n")


def _smtplib(port: int, data: bytes, messages: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as line:
        for _ in range(messages):
            line.sendmail(SENDER, [READER], data)


async def _aiosmtplib(port: int, data: bytes, messages: int, connections: int) -> None:
    async def one() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as line:
            for _ in range(messages // connections):
                await line.sendmail(SENDER, [READER], data)

    await asyncio.gather(*(one() for _ in range(connections)))
