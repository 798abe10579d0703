"""A web server as it stands before the readers' pages: it speaks https, passes their requests on, and has a paper's article of its own."""

import http.client
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAPER, PAGES = "thelanternquay.example", "weekly.thelanternquay.example"
READER = "203.0.113.7"  # where readers are, as their web server sees them
ARTICLE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>The ferry is back</title>
<body><main><h1>The ferry is back</h1><p>It came in on the morning tide, with the hat.</p>{box}</main></body></html>"""


@dataclass
class WebServer:
    """On `port` of loopback, whatever name it is called by. `behind` is the port of the readers' pages, `box` what the article holds."""

    port: int
    behind: int = 0
    box: str = ""

    def ask(self, method: str, url: str, body: str = "") -> http.client.HTTPResponse:
        """As a program of a mailbox provider does: no cookie, no script, no redirect followed."""
        path = url.removeprefix(f"https://{PAGES}")
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=_trusting(), timeout=60)
        connection.request(method, path, body or None, {"Host": PAGES, "Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a browser hangs up once on a certificate it does not know."""


@contextmanager
def web_server(folder: Path) -> Iterator[WebServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_OPTIONS(self) -> None:
            self._answer()

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

        def _answer(self) -> None:
            if self.headers["Host"].partition(":")[0] == PAGES:
                self._pass_on()
            elif self.path.startswith("/images/"):
                self._say(404, [], b"")
            else:
                self._say(200, [("Content-Type", "text/html; charset=utf-8")], ARTICLE.format(box=made.box).encode())

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = http.client.HTTPConnection("127.0.0.1", made.behind, timeout=60)
            connection.request(self.command, self.path, body, {**dict(self.headers.items()), "Host": PAGES, "X-Forwarded-For": READER})
            answer = connection.getresponse()
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in ("content-length", "date", "connection")]
            self._say(answer.status, kept, answer.read())
            connection.close()

        def _say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = Server(("127.0.0.1", 0), Handler)
    # Not in the thread that accepts: whoever connects and says nothing would hold up everybody.
    server.socket = _own_certificate(folder).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made = WebServer(port=server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def _own_certificate(folder: Path) -> ssl.SSLContext:
    certificate, key = folder / "certificate.pem", folder / "certificate.key"
    names = ["-subj", f"/CN={PAGES}", "-addext", f"subjectAltName=DNS:{PAGES},DNS:{PAPER}"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    asked = ["openssl", "req", "-x509", *kind, *names, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(asked, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
