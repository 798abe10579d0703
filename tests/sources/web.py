"""A web server on loopback that says what a test lays down for each path, and remembers what it was asked."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Asked:
    path: str
    headers: Mapping[str, str]  # names in small letters


@dataclass(frozen=True)
class Page:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """`pages` by path, its query left out: a page, or a function that gets the request and answers with a page, or writes to the socket
    itself and returns None."""

    url: str = ""
    pages: dict[str, Page | Callable[[Asked, BaseHTTPRequestHandler], Page | None]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


def conditional(page: Page) -> Callable[[Asked, BaseHTTPRequestHandler], Page]:
    """The page with its ETag or Last-Modified, and 304 to whoever names it."""

    def answer(asked: Asked, handler: BaseHTTPRequestHandler) -> Page:
        etag, modified = page.headers.get("ETag"), page.headers.get("Last-Modified")
        same = (etag and asked.headers.get("if-none-match") == etag) or (modified and asked.headers.get("if-modified-since") == modified)
        return Page(status=304, headers=page.headers) if same else page

    return answer


@contextmanager
def serving(*, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
            site.asked.append(asked)
            page = site.pages.get(self.path.partition("?")[0], Page(b"There is no such page.", 404))
            answer = page if isinstance(page, Page) else page(asked, self)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, address: Any) -> None:
            pass  # a client that hangs up early is what many tests are about

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
