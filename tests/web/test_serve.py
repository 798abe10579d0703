"""The pages over real sockets: TCP, IPv6 and unix, slow and broken clients, many at once, and beside whoever writes."""

import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import CannotListen
from digest.listen import Listen, open_socket
from digest.web import body
from digest.web.app import application
from digest.web.client import client_of
from digest.web.form import Form, answering
from digest.web.reception import Reception
from digest.web.serve import serving
from subscribers.people import Known
from subscribers.tables import Consent, SubscriptionState
from subscribers.tokens import Purpose, sign
from tests.web.conftest import HOST, KEYS, Readers

LOOPBACK = Listen(host="127.0.0.1")
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded"}


def seen(request: Request, form: Form) -> Response:
    return JSONResponse({"client": client_of(request), "fields": len(form.fields)})


@pytest.fixture
def app(reception: Reception) -> Starlette:
    made = application(reception)
    made.router.routes.append(Route("/seen", answering(seen), methods=["POST"]))
    return made


@pytest.fixture
def served(app: Starlette) -> Iterator[Listen]:
    with serving(app, LOOPBACK) as address:
        yield address


@contextmanager
def connected(address: Listen) -> Iterator[socket.socket]:
    if address.path:
        line = socket.socket(socket.AF_UNIX)
        line.connect(address.path)
    else:
        line = socket.create_connection((address.host or "127.0.0.1", address.port))
    line.settimeout(60)
    with line:
        yield line


def ask(address: Listen, method: str, path: str, *, sent: str = "", headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
    """One request on a connection of its own."""
    with connected(address) as line:
        connection = http.client.HTTPConnection("unused")
        connection.sock = line
        connection.request(method, path, body=sent or None, headers={**FORM, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


def raw(address: Listen, said: bytes, *, patience: float = 60) -> bytes:
    """What comes back for these very bytes, until the server ends the connection, or waits for more."""
    with connected(address) as line:
        line.settimeout(patience)
        line.sendall(said)
        heard = b""
        with suppress(ConnectionResetError, TimeoutError):
            while part := line.recv(65_536):
                heard += part
        return heard


def leave(known: Known) -> str:
    return f"/leave/{sign(Purpose.LEAVE, known.subscription_token, KEYS)}"


class TestAddresses:
    @pytest.mark.parametrize("listen", [LOOPBACK, Listen(host="localhost"), Listen(host="::1"), Listen()], ids=str)
    def test_on_the_network(self, app: Starlette, listen: Listen) -> None:
        if ":" in listen.host and not socket.has_dualstack_ipv6():
            pytest.skip("this machine has no IPv6")
        with serving(app, listen) as address:
            assert ask(address, "GET", "/healthz")[0] == 200
        with pytest.raises(ConnectionRefusedError):
            ask(address, "GET", "/healthz")

    def test_on_a_unix_socket_also_where_a_killed_process_left_its_file(self, app: Starlette, tmp_path: Path) -> None:
        path = tmp_path / "pages.sock"
        left_behind = socket.socket(socket.AF_UNIX)
        left_behind.bind(str(path))
        left_behind.close()
        with serving(app, Listen(path=str(path))) as address:
            assert ask(address, "GET", "/healthz")[0] == 200
            status, _, said = ask(address, "POST", "/seen", sent="a=b", headers={"X-Forwarded-For": "203.0.113.9"})
            assert (status, json.loads(said)) == (200, {"client": "203.0.113.9", "fields": 1})
        assert not path.exists()

    def test_one_that_is_taken_is_told(self, app: Starlette, served: Listen, tmp_path: Path) -> None:
        with pytest.raises(CannotListen, match=rf"cannot listen on 127\.0\.0\.1:{served.port}: Address already in use"):
            open_socket(served)
        with serving(app, Listen(path=str(tmp_path / "x.sock"))) as address, pytest.raises(CannotListen, match="in use"):
            open_socket(address)

    def test_one_that_is_not_ours_is_told(self) -> None:
        with pytest.raises(CannotListen, match=r"cannot listen on 192\.0\.2\.1:8010"):
            open_socket(Listen(host="192.0.2.1", port=8010))
        with pytest.raises(CannotListen, match="No such file"):
            open_socket(Listen(path="/nowhere/at/all.sock"))


class TestTheEnd:
    def test_an_answer_under_way_is_finished(self, app: Starlette) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def slow(request: Request) -> Response:
            begun.set()
            go_on.wait(60)
            return PlainTextResponse("at last")

        app.router.routes.append(Route("/slow", slow))
        with ThreadPoolExecutor(2) as pool:
            with serving(app, LOOPBACK) as address:
                asked = pool.submit(ask, address, "GET", "/slow")
                assert begun.wait(60)
                pool.submit(go_on.set)
            assert asked.result()[::2] == (200, "at last")


class TestWhatIsSaid:
    def test_nothing_of_the_server(self, served: Listen) -> None:
        status, headers, _ = ask(served, "GET", "/")
        assert status == 200
        assert "server" not in headers
        assert "strict-transport-security" in headers

    def test_head_has_the_headers_of_get_and_no_body(self, served: Listen) -> None:
        status, headers, said = ask(served, "HEAD", "/")
        assert (status, said) == (200, "")
        assert int(headers["content-length"]) > 500

    def test_only_the_word_of_a_trusted_proxy(self, reception: Reception, served: Listen) -> None:
        forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
        assert json.loads(ask(served, "POST", "/seen", headers=forwarded)[2])["client"] == "203.0.113.9"
        strict = reception.settings.model_copy(update={"pages": reception.settings.pages.model_copy(update={"trusted_proxies": ("192.0.2.1",)})})
        app = application(Reception(engine=reception.engine, settings=strict, keys=KEYS, clock=reception.clock))
        app.router.routes.append(Route("/seen", answering(seen), methods=["POST"]))
        with serving(app, LOOPBACK) as address:
            assert json.loads(ask(address, "POST", "/seen", headers=forwarded)[2])["client"] == "127.0.0.1"


class TestBodies:
    def test_in_chunks_they_are_bounded_too(self, served: Listen) -> None:
        kind = "Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked"
        head = f"POST /seen HTTP/1.1\r\nHost: {HOST}\r\n{kind}\r\n\r\n"
        chunk = b"1000\r\n" + b"a" * 0x1000 + b"\r\n"
        assert raw(served, head.encode() + b"3\r\na=b\r\n0\r\n\r\n").startswith(b"HTTP/1.1 200")
        answer = raw(served, head.encode() + b"2\r\na=\r\n" + chunk * 3 + b"1\r\n&\r\n" + chunk * 15)
        assert answer.startswith(b"HTTP/1.1 413")

    def test_that_drip_are_not_waited_for(self, served: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(body, "SECONDS", 0.2)
        with connected(served) as line:
            line.sendall(f"POST /seen HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {FORM['Content-Type']}\r\nContent-Length: 1000\r\n\r\na=".encode())
            assert line.recv(65_536).startswith(b"HTTP/1.1 408")

    def test_whoever_hangs_up_in_the_midst_of_one_does_no_harm(self, served: Listen) -> None:
        with connected(served) as line:
            line.sendall(f"POST /seen HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\na=".encode())
        assert ask(served, "GET", "/healthz")[0] == 200


class TestHeads:
    """What comes before a body."""

    def head(self, *lines: bytes) -> bytes:
        return b"\r\n".join((b"GET /healthz HTTP/1.1", f"Host: {HOST}".encode(), b"Connection: close", *lines, b"", b""))

    def test_long_ones_are_taken_and_endless_ones_are_not(self, served: Listen) -> None:
        assert raw(served, self.head(b"Cookie: " + b"c" * 15_000)).startswith(b"HTTP/1.1 200")
        assert raw(served, self.head(*(b"X-%d: " % number + b"x" * 100 for number in range(200)))).startswith(b"HTTP/1.1 400")
        assert raw(served, self.head(b"Cookie: " + b"c" * 17_000)).startswith(b"HTTP/1.1 400")
        assert raw(served, b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n\r\n").startswith(b"HTTP/1.1 400")

    @pytest.mark.parametrize("begun", [b"GET /healthz HTTP/1.1\r\nCookie: ", b"GET /"], ids=["header", "path"])
    def test_one_that_never_ends_is_cut_off(self, served: Listen, begun: bytes) -> None:
        with connected(served) as line:
            line.sendall(begun)
            with pytest.raises((ConnectionResetError, BrokenPipeError)):
                for _ in range(10_000):
                    line.sendall(b"a" * 4_096)
        assert ask(served, "GET", "/healthz")[0] == 200

    def test_on_one_connection_each_is_counted_by_itself(self, served: Listen) -> None:
        asked = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nCookie: {'c' * 9_000}\r\n".encode()
        with connected(served) as line, line.makefile("rb") as heard:
            for ending in (b"\r\n", b"\r\n", b"Connection: close\r\n\r\n"):
                for part in (asked[:5_000], asked[5_000:], ending):
                    line.sendall(part)
                while heard.readline() not in {b"", b"\r\n"}:
                    pass
                assert heard.read(2) == b"ok"

    def test_whoever_would_speak_another_protocol_is_answered_in_this_one(self, served: Listen) -> None:
        upgrade = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA")
        asked = b"\r\n".join((b"GET /healthz HTTP/1.1", f"Host: {HOST}".encode(), *upgrade, b"", b""))
        with connected(served) as line:
            line.sendall(asked)
            assert line.recv(65_536).startswith(b"HTTP/1.1 200")


class TestTogether:
    def test_of_fifty_clicks_at_once_one_counts(self, engine: Engine, served: Listen, readers: Readers) -> None:
        ann = readers.join()
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: ask(served, "POST", leave(ann), sent=ONE_CLICK)[0], range(50)))
        assert answers == [200] * 50
        with engine.begin() as connection:
            assert connection.scalar(select(func.count()).select_from(Consent)) == 2

    def test_a_click_waits_for_whoever_is_writing(self, engine: Engine, served: Listen, readers: Readers) -> None:
        """As beside a send, whose transactions are short."""
        ann = readers.join()
        with ThreadPoolExecutor(1) as pool:
            with engine.begin() as writing:
                writing.execute(text("UPDATE subscriptions SET cadence = 'weekly'"))
                clicked = pool.submit(ask, served, "POST", leave(ann), sent=ONE_CLICK)
                assert ask(served, "GET", "/healthz")[0] == 200
            assert clicked.result()[0] == 200
        assert readers.state(ann) is SubscriptionState.UNSUBSCRIBED

    def test_one_that_writes_for_too_long_is_not_waited_for(self, engine: Engine, served: Listen, readers: Readers) -> None:
        ann = readers.join()
        impatient = "PRAGMA busy_timeout = 50" if engine.dialect.name == "sqlite" else "SET lock_timeout = '50ms'"
        writing = engine.connect()
        writing.execute(text("UPDATE subscribers SET name = 'Nan'"))
        writing.execute(text("UPDATE subscriptions SET cadence = 'weekly'"))
        event.listen(engine, "checkout", lambda raw_connection, *_: raw_connection.cursor().execute(impatient))
        status, headers, _ = ask(served, "POST", leave(ann), sent=ONE_CLICK)
        writing.rollback()
        writing.close()
        assert (status, int(headers["retry-after"])) == (503, 30)
        assert ask(served, "POST", leave(ann), sent=ONE_CLICK)[0] == 200
        assert readers.state(ann) is SubscriptionState.UNSUBSCRIBED


FIRST_LINES = (b"GET / HTTP/1.1", b"POST /seen HTTP/1.1", b"GET /leave/x HTTP/1.0", b"POST /leave/x HTTP/1.1", b"")
HEAD_LINES = st.lists(st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"")), max_size=5)


class TestBytes:
    @hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(
        first=st.sampled_from(FIRST_LINES) | st.binary(max_size=80),
        lines=HEAD_LINES,
        named=st.booleans(),
        rest=st.binary(max_size=200),
    )
    def test_no_bytes_whatever_are_a_fault_of_ours(self, served: Listen, first: bytes, lines: list[bytes], named: bool, rest: bytes) -> None:
        host = [f"Host: {HOST}".encode(), b"Connection: close"] if named else []
        heard = raw(served, b"\r\n".join((first, *host, *lines, b"", rest)), patience=0.2)
        assert heard == b"" or re.match(rb"HTTP/1\.1 [1-4]", heard)
        assert ask(served, "GET", "/healthz")[0] == 200
