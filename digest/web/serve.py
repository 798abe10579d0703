"""The readers' pages over HTTP, in a thread of their own. Uvicorn is used here only."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from starlette.types import ASGIApp

from digest.listen import Listen, close_socket, open_socket

# Beyond so many connections at once the answer is a plain 503: the pages wait for one database.
CONNECTIONS = 1_000
HEADER_BYTES = 16_384
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


def _config(app: ASGIApp) -> uvicorn.Config:
    """Who asks and what for is not its business: our own shield looks at proxies' headers, and writes a log without addresses and tokens."""
    return uvicorn.Config(
        app,
        interface="asgi3",
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEADER_BYTES,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
