"""The readers' pages over HTTP, in a thread of their own. Uvicorn is used here only."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from digest.listen import Listen, close_socket, open_socket

# Beyond so many connections at once the answer is a plain 503: the pages wait for one database.
CONNECTIONS = 1_000
HEADER_BYTES = 16_384  # of one request: its line and its headers
IDLE_SECONDS = 10
STOP_SECONDS = 10  # for the answers under way


@contextmanager
def serving(app: ASGIApp, listen: Listen) -> Iterator[Listen]:
    """Serves `app` until the end of the block, then finishes the answers under way. Gives the address, with its port where that was left to the
    machine (0). `CannotListen` before anything is served."""
    opened = open_socket(listen)
    found = listen if listen.path else Listen(host=listen.host, port=opened.getsockname()[1])
    server = uvicorn.Server(_config(app))
    thread = Thread(target=server.run, kwargs={"sockets": [opened]}, name="pages", daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.should_exit = True
        thread.join()
        close_socket(opened, listen)


class BoundedHead(HttpToolsProtocol):
    """A request whose head is over `HEADER_BYTES` is answered with 400: the parser would keep whatever comes until the head ends."""

    _head = 0  # bytes of the head that did not end yet, without the part it began in
    _in_head = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head, self._in_head = 0, True

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEADER_BYTES:
            raise ValueError("too long a head")  # to the parser, which calls the request invalid
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        within = self._in_head
        super().data_received(data)
        if within and self._in_head:
            self._head += len(data)
            if self._head > HEADER_BYTES:
                self.send_400_response("Too long a head.")


def _config(app: ASGIApp) -> uvicorn.Config:
    """Who asks and what for is not its business: our own shield looks at proxies' headers, and writes a log without addresses and tokens."""
    return uvicorn.Config(
        app,
        interface="asgi3",
        http=BoundedHead,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
