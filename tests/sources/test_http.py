import gzip
import socket
import ssl
import subprocess
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from shutil import which

import pytest

from digest.errors import Refused, SourceError, TryLater
from digest.settings import Fetch
from digest.sources.http import Client
from tests.conftest import missing
from tests.sources.web import Asked, Page, Site, serving

LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    """Another origin: the same machine, another port."""
    with serving() as site:
        yield site


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(Fetch(allow_private=LOOPBACK, timeout_seconds=20), pause_seconds=0) as client:
        yield client


def hasty(seconds: float = 0.3) -> Client:
    return Client(Fetch(allow_private=LOOPBACK, timeout_seconds=seconds), pause_seconds=0)


def redirect(to: str, status: int = 302) -> Page:
    return Page(status=status, headers={"Location": to})


def test_an_answer_is_what_the_site_said(site: Site, client: Client) -> None:
    site.pages["/a"] = Page(b"hello", headers={"X-WP-Total": "3"})
    answer = client.get(f"{site.url}/a?x=1", params={"page": "2"}, headers={"Accept": "text/plain"})
    assert (answer.status, answer.body, answer.url, answer.moved_to) == (200, b"hello", f"{site.url}/a?x=1&page=2", "")
    assert answer.headers["x-wp-total"] == answer.headers["X-WP-Total"] == "3"
    assert site.asked[0].headers["accept"] == "text/plain"
    assert site.asked[0].headers["user-agent"] == Fetch().user_agent


def test_not_found_is_an_answer(site: Site, client: Client) -> None:
    assert client.get(f"{site.url}/nowhere").status == 404


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_answer_is_decompressed(site: Site, client: Client, coding: str) -> None:
    body = gzip.compress(b"hello") if coding == "gzip" else zlib.compress(b"hello")
    site.pages["/"] = Page(body, headers={"Content-Encoding": coding})
    assert client.get(site.url).body == b"hello"


def test_loopback_is_refused_unless_it_is_allowed(site: Site) -> None:
    with Client(Fetch()) as client, pytest.raises(Refused, match="allow_private"):
        client.get(site.url)
    assert site.asked == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_loopback_is_refused_in_every_spelling(site: Site, host: str) -> None:
    with Client(Fetch()) as client, pytest.raises(Refused):
        client.get(site.url.replace("127.0.0.1", host))
    assert site.asked == []


def test_a_name_that_leads_inside_is_refused(site: Site) -> None:
    with Client(Fetch(), resolve=lambda host, port: ("127.0.0.1",)) as client, pytest.raises(Refused, match=r"harbour\.example is at 127\.0\.0\.1"):
        client.get(site.url.replace("127.0.0.1", "harbour.example"))
    assert site.asked == []


def test_a_name_with_one_address_inside_is_refused_whole(site: Site) -> None:
    with Client(Fetch(), resolve=lambda host, port: ("93.184.215.14", "127.0.0.1")) as client, pytest.raises(Refused):
        client.get(site.url.replace("127.0.0.1", "harbour.example"))


def test_the_checked_address_is_the_one_connected_to(site: Site) -> None:
    """A name server that answers otherwise the second time (DNS rebinding) is not asked a second time."""
    answers = iter([("127.0.0.1",), ("127.0.0.2",)])
    with Client(Fetch(allow_private=("127.0.0.1",)), resolve=lambda host, port: next(answers)) as client:
        site.pages["/"] = Page(b"hello")
        assert client.get(site.url.replace("127.0.0.1", "harbour.example")).body == b"hello"
    assert next(answers) == ("127.0.0.2",)
    assert site.asked[0].headers["host"].startswith("harbour.example:")


def test_the_next_address_is_tried_when_the_first_does_not_answer(site: Site) -> None:
    site.pages["/"] = Page(b"hello")
    with Client(Fetch(allow_private=LOOPBACK), resolve=lambda host, port: ("127.0.0.9", "127.0.0.1")) as client:
        # Nothing listens at 127.0.0.9: the server is bound to 127.0.0.1 alone.
        assert client.get(site.url.replace("127.0.0.1", "harbour.example")).body == b"hello"


def test_an_allowed_site_cannot_redirect_inside(site: Site) -> None:
    site.pages["/"] = redirect("http://127.0.0.2:9/secret")
    with Client(Fetch(allow_private=("127.0.0.1",))) as client, pytest.raises(Refused, match=r"127\.0\.0\.2"):
        client.get(site.url)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "javascript:alert(1)", "data:,x"])
def test_only_http_is_followed(site: Site, client: Client, target: str) -> None:
    site.pages["/"] = redirect(target)
    with pytest.raises(Refused, match="only http"):
        client.get(site.url)


@pytest.mark.parametrize("target", ["http://[", "http://127.0.0.1:99999/", "http://\x7f/"])
def test_a_redirect_to_nonsense_is_an_error(site: Site, client: Client, target: str) -> None:
    site.pages["/"] = redirect(target)
    with pytest.raises(SourceError):
        client.get(site.url)


def test_a_redirect_to_nowhere_is_an_error(site: Site, client: Client) -> None:
    site.pages["/"] = Page(status=302)
    with pytest.raises(SourceError, match="names no other address"):
        client.get(site.url)


def test_a_redirect_is_followed_and_told_when_it_is_for_good(site: Site, client: Client) -> None:
    site.pages |= {"/old": redirect("/new", 301), "/new": Page(b"here"), "/now": redirect("/new", 307), "/both": redirect("/now", 308)}
    assert client.get(f"{site.url}/old").moved_to == f"{site.url}/new"
    assert client.get(f"{site.url}/now").moved_to == ""
    assert client.get(f"{site.url}/both").moved_to == ""
    assert client.get(f"{site.url}/both").url == f"{site.url}/new"


def test_a_redirect_loop_ends(site: Site, client: Client) -> None:
    site.pages |= {"/a": redirect("/b"), "/b": redirect("/a")}
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        client.get(f"{site.url}/a")
    assert len(site.asked) == 6


def test_a_password_stays_with_its_origin(site: Site, elsewhere: Site, client: Client) -> None:
    site.pages |= {"/a": redirect("/b"), "/b": redirect(f"{elsewhere.url}/c")}
    elsewhere.pages["/c"] = redirect(f"{site.url}/d")
    site.pages["/d"] = Page(b"home again")
    client.get(f"{site.url}/a", auth=("ann", "s3cret"))
    assert [one.headers.get("authorization") for one in site.asked] == ["Basic YW5uOnMzY3JldA=="] * 3
    assert [one.headers.get("authorization") for one in elsewhere.asked] == [None]


def test_private_headers_stay_with_their_origin(site: Site, elsewhere: Site, client: Client) -> None:
    site.pages["/a"] = redirect(f"{elsewhere.url}/c")
    client.get(f"{site.url}/a", headers={"Authorization": "Bearer x", "Cookie": "a=b", "Accept": "text/html"})
    assert "authorization" not in elsewhere.asked[0].headers
    assert "cookie" not in elsewhere.asked[0].headers
    assert elsewhere.asked[0].headers["accept"] == "text/html"


def test_a_password_in_the_address_is_sent_but_never_shown(site: Site, client: Client) -> None:
    site.pages["/a"] = Page(status=500)
    with pytest.raises(SourceError) as caught:
        client.get(site.url.replace("127", "ann:s3cret@127") + "/a?token=t0ken")
    assert site.asked[0].headers["authorization"] == "Basic YW5uOnMzY3JldA=="
    assert str(caught.value) == f"{site.url}/a?… answered 500."


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "ann"])
def test_no_error_shows_a_secret(scheme: str) -> None:
    with Client(Fetch(), pause_seconds=0) as client, pytest.raises(SourceError) as caught:
        client.get(f"{scheme}://ann:s3cret@127.0.0.1:1/a?token=s3cret#s3cret")
    assert "s3cret" not in str(caught.value)


def test_cookies_are_not_kept(site: Site, client: Client) -> None:
    site.pages["/"] = Page(headers={"Set-Cookie": "a=b"})
    client.get(site.url)
    client.get(site.url)
    assert "cookie" not in site.asked[1].headers


def test_a_proxy_of_the_environment_is_not_used(site: Site, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    site.pages["/"] = Page(b"hello")
    assert client.get(site.url).body == b"hello"


def endless(handler: BaseHTTPRequestHandler, block: bytes, headers: dict[str, str]) -> None:
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    while True:  # until the client hangs up
        handler.wfile.write(block)


def test_a_body_that_never_ends_is_cut_at_the_limit(site: Site) -> None:
    site.pages["/"] = lambda asked, handler: endless(handler, b"x" * 65_536, {"Connection": "close"})
    with Client(Fetch(allow_private=LOOPBACK, maximum_bytes=1_000_000)) as client, pytest.raises(SourceError, match="bigger than the 1000000"):
        client.get(site.url)


def test_a_compression_bomb_is_cut_at_the_limit(site: Site) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 60_000
    site.pages["/"] = Page(bomb, headers={"Content-Encoding": "gzip"})
    with Client(Fetch(allow_private=LOOPBACK, maximum_bytes=1_000_000)) as client, pytest.raises(SourceError, match="bigger than the 1000000"):
        client.get(site.url)


def test_a_broken_compression_is_an_error(site: Site, client: Client) -> None:
    site.pages["/"] = Page(b"this is not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(SourceError, match="decompressed"):
        client.get(site.url)


def drip(handler: BaseHTTPRequestHandler, start: bytes) -> None:
    """A byte now and then, for as long as somebody listens: each comes well within any time-out for a read."""
    handler.wfile.write(start)
    handler.connection.settimeout(0.02)
    while True:
        handler.wfile.write(b"x")
        try:
            if not handler.connection.recv(1):
                return
        except TimeoutError:
            continue


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"])
def test_a_slow_drip_ends_with_the_deadline(site: Site, start: bytes) -> None:
    site.pages["/"] = lambda asked, handler: drip(handler, start)
    with hasty() as client, pytest.raises(SourceError):
        client.get(site.url)


def test_the_deadline_holds_over_all_redirects(site: Site) -> None:
    """Each hop answers only after two thirds of the time, so that the second cannot."""

    def slowly(asked: Asked, handler: BaseHTTPRequestHandler) -> Page:
        handler.connection.settimeout(0.2)
        try:
            handler.connection.recv(1)
        except TimeoutError:
            return redirect("/")
        return Page(b"hung up")

    site.pages["/"] = slowly
    with hasty() as client, pytest.raises(SourceError, match=r"took longer than the 0\.3 seconds"):
        client.get(site.url)
    assert len(site.asked) <= 2


def test_a_server_that_says_nothing_ends_with_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, hasty() as client, pytest.raises(SourceError, match="took longer"):
        client.get(f"http://127.0.0.1:{server.getsockname()[1]}/")


def test_a_failure_is_tried_once_more(site: Site, client: Client) -> None:
    answers = iter([Page(status=502), Page(b"hello")])
    site.pages["/"] = lambda asked, handler: next(answers)
    assert client.get(site.url).body == b"hello"
    assert len(site.asked) == 2


def test_a_connection_that_breaks_is_tried_once_more(site: Site, client: Client) -> None:
    answers = iter([None, Page(b"hello")])
    site.pages["/"] = lambda asked, handler: next(answers)
    assert client.get(site.url).body == b"hello"


def test_a_failure_that_lasts_is_an_error(site: Site, client: Client) -> None:
    site.pages["/"] = Page(status=500)
    with pytest.raises(SourceError, match="answered 500"):
        client.get(site.url)
    assert len(site.asked) == 2


def test_nobody_there_is_an_error(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SourceError, match="cannot be reached"):
        client.get(f"http://127.0.0.1:{port}/")


def test_what_is_no_http_is_an_error(client: Client, site: Site) -> None:
    def greet(asked: Asked, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 mail.example ESMTP\r\n")

    site.pages["/"] = greet
    with pytest.raises(SourceError, match="does not speak HTTP"):
        client.get(site.url)


@pytest.mark.parametrize(
    "url", ["", "harbour.example/feed", "//harbour.example/", "http://", "http://[::1", "http://a\nb/", "mailto:ann@harbour.example"]
)
def test_what_is_no_address_is_an_error(client: Client, url: str) -> None:
    with pytest.raises(SourceError):
        client.get(url)


def test_a_header_that_http_forbids_is_an_error_without_its_value(site: Site, client: Client) -> None:
    for value in ("s3cret\r\nX: y", "s3crét"):
        with pytest.raises(SourceError, match="header") as caught:
            client.get(site.url, headers={"If-None-Match": value})
        assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "999999999999"}, 86_400),
        ({"Retry-After": "Mon, 23 Nov 2026 07:10:00 GMT", "Date": "Mon, 23 Nov 2026 07:00:00 GMT"}, 600),
        ({"Retry-After": "Mon, 23 Nov 2026 06:00:00 GMT", "Date": "Mon, 23 Nov 2026 07:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, 300),
        ({"Retry-After": "-5"}, 300),
        ({}, 300),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_patience_is_counted_in_seconds(client: Client, headers: dict[str, str], seconds: int, status: int) -> None:
    with serving() as site:
        # The server's own Date comes first in the answer: so it must not send one.
        def answer(asked: Asked, handler: BaseHTTPRequestHandler) -> None:
            lines = [f"HTTP/1.1 {status} Patience", "Content-Length: 0", *(f"{name}: {value}" for name, value in headers.items())]
            handler.wfile.write("\r\n".join([*lines, "", ""]).encode())

        site.pages["/"] = answer
        with pytest.raises(TryLater) as caught:
            client.get(site.url)
        assert caught.value.seconds == seconds
        assert len(site.asked) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of harbour.example, signed by itself."""
    if which("openssl") is None:
        missing("openssl", "not found")
    folder = tmp_path_factory.mktemp("tls")
    names = [
        "-subj",
        "/CN=harbour.example",
        "-addext",
        "subjectAltName=DNS:harbour.example",
        "-addext",
        "keyUsage=critical,digitalSignature,keyCertSign",
    ]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", *names]
    subprocess.run([*command, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    return folder


@pytest.fixture
def secure(certificate: Path) -> Iterator[Site]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with serving(tls=tls) as site:
        site.pages["/"] = Page(b"hello")
        yield site


def trusting(certificate: Path) -> Client:
    tls = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    return Client(Fetch(allow_private=LOOPBACK), resolve=lambda host, port: ("127.0.0.1",), tls=tls, pause_seconds=0)


def test_the_certificate_is_checked_against_the_name(secure: Site, certificate: Path) -> None:
    with trusting(certificate) as client:
        assert client.get(secure.url.replace("127.0.0.1", "harbour.example")).body == b"hello"
        with pytest.raises(SourceError, match=r"cannot be reached.*other\.example"):
            client.get(secure.url.replace("127.0.0.1", "other.example"))


def test_a_certificate_nobody_vouches_for_is_refused(secure: Site) -> None:
    with Client(Fetch(allow_private=LOOPBACK), pause_seconds=0) as client, pytest.raises(SourceError, match="cannot be reached"):
        client.get(secure.url)
