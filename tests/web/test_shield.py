"""Whatever is asked, in whatever way: an answer that tells nothing, with headers that keep a browser from doing harm."""

import re
import string
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from digest.database import open_database
from digest.settings import parse
from digest.web.app import ROUTES, application
from digest.web.body import MAXIMUM_BYTES
from digest.web.form import Form, answering
from digest.web.reception import Reception
from subscribers.people import Known
from subscribers.tokens import Purpose, sign, sign_dated
from tests.web.conftest import GIVEN, HOST, KEYS, Readers
from tests.web.pages import heading

PAGES = ("/", "/privacy", "/healthz", "/leave/x", "/view/weekly/20261123T0700Z/x", "/nowhere", "/static/style-0.css", "/favicon.ico")
SECRET = "what-a-reader-sent"


def broken(request: Request) -> Response:
    raise RuntimeError(SECRET)


def greedy(request: Request, form: Form) -> Response:
    return PlainTextResponse(str(len(form.fields)))


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "digest.web"]


@pytest.fixture
def app(reception: Reception) -> Starlette:
    """The pages, with one that is broken and one that takes any form."""
    made = application(reception)
    made.router.routes += [Route("/broken/{token}", broken), Route("/form", answering(greedy), methods=["POST"])]
    return made


@pytest.fixture
def asked(app: Starlette) -> TestClient:
    return TestClient(app, base_url=f"https://{HOST}", follow_redirects=False)


class TestHeaders:
    @pytest.mark.parametrize("path", PAGES)
    def test_every_answer_has_them(self, asked: TestClient, path: str) -> None:
        headers = asked.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert "camera=()" in headers["permissions-policy"]
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert "script-src" not in policy
        assert "set-cookie" not in headers
        assert "server" not in headers

    def test_pages_are_kept_by_no_cache_and_the_style_by_its_own_name_for_good(self, asked: TestClient) -> None:
        page = asked.get("/")
        assert page.headers["cache-control"] == "private, no-store"
        (style,) = re.findall(r'href="(/static/style[^"]+)"', page.text)
        assert "immutable" in asked.get(style).headers["cache-control"]
        assert asked.get("/static/style-older.css").headers["cache-control"] == "no-cache"
        assert asked.get("/static/style-older.css").text == asked.get(style).text

    def test_no_page_needs_what_its_policy_forbids(self, asked: TestClient, readers: Readers) -> None:
        leave = f"/leave/{sign(Purpose.LEAVE, readers.join().subscription_token, KEYS)}"
        for path in (*PAGES[:-1], leave):  # the icon has a policy that lets its own style in
            html = asked.get(path).text
            assert " style=" not in html
            assert "<style" not in html
            assert "<script" not in html

    def test_without_tls_nobody_is_told_to_insist_on_it(self, reception: Reception) -> None:
        plain = parse({**GIVEN, "pages": {**GIVEN["pages"], "url": f"http://{HOST}"}}, folder=reception.settings.folder)
        client = TestClient(
            application(Reception(engine=reception.engine, settings=plain, keys=KEYS, clock=reception.clock)), base_url=f"http://{HOST}"
        )
        assert "strict-transport-security" not in client.get("/").headers


class TestHosts:
    @pytest.mark.parametrize("host", [HOST, HOST.upper(), f"{HOST}:443", "localhost:8010", "127.0.0.1", "[::1]:8010", "also.example"])
    def test_ours_are_answered(self, reception: Reception, host: str) -> None:
        more = parse({**GIVEN, "pages": {**GIVEN["pages"], "hosts": ["Also.example"]}}, folder=reception.settings.folder)
        client = TestClient(application(Reception(engine=reception.engine, settings=more, keys=KEYS, clock=reception.clock)))
        assert client.get("/", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", f"{HOST}.evil.example", f"evil-{HOST}", "127.0.0.2", f"{HOST}@evil.example", "[::2]", f"{HOST}:x"]
    )
    def test_others_are_not_and_are_not_told_more(self, asked: TestClient, host: str) -> None:
        answer = asked.get("/", headers={"Host": host})
        assert (answer.status_code, answer.text) == (421, "Misdirected request")

    def test_who_names_none_is_refused(self, asked: TestClient) -> None:
        assert asked.get("/", headers={"Host": ""}).status_code == 400

    def test_a_probe_may_call_the_machine_what_it_likes(self, asked: TestClient) -> None:
        assert asked.get("/healthz", headers={"Host": "10.0.0.8:8010"}).text == "ok"


class TestMethodsAndPaths:
    @pytest.mark.parametrize("path", PAGES)
    def test_head_is_answered_as_get_is(self, asked: TestClient, path: str) -> None:
        got, headed = asked.get(path), asked.head(path)
        assert headed.status_code == got.status_code
        assert headed.headers == got.headers

    @pytest.mark.parametrize("path", PAGES)
    def test_a_slash_at_the_end_changes_nothing(self, asked: TestClient, path: str) -> None:
        assert asked.get(f"{path}/").text == asked.get(path).text

    def test_what_may_be_done_is_said_of_all_routes(self, asked: TestClient) -> None:
        answer = asked.delete("/leave/x")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, POST"
        assert asked.post("/privacy").headers["allow"] == "GET, HEAD"

    def test_nothing_asked_for_comes_back(self, asked: TestClient) -> None:
        for path in ("/nowhere/<script>mirror</script>", "/leave/mirror?mirror=mirror", "/%2F/mirror.example", "/view/mirror/mirror/mirror"):
            answer = asked.get(path, headers={"Referer": "https://mirror.example/", "X-Forwarded-Host": "mirror.example"})
            assert answer.status_code == 404
            assert "mirror" not in answer.text
            assert "mirror" not in str(answer.headers)


class TestBodies:
    def test_of_64_kilobytes_at_most(self, asked: TestClient) -> None:
        value = "x" * 16_000
        assert asked.post("/form", data={"a": [value] * 4}).text == "4"
        too_much = asked.post("/form", data={"a": [value] * 5})
        assert (too_much.status_code, heading(too_much.text)) == (413, "That is too much")

    def test_in_pieces_without_an_announced_length(self, asked: TestClient) -> None:
        pieces = (b"a=1&" * 4_000 for _ in range(MAXIMUM_BYTES // 16_000 + 1))
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert asked.post("/form", content=pieces, headers=kind).status_code in (400, 413)  # too many fields, or too many bytes

    def test_a_file_is_refused_and_strange_charsets_do_no_harm(self, asked: TestClient) -> None:
        assert asked.post("/form", files={"a": ("a.txt", b"x")}).status_code == 400
        assert asked.post("/form", data=dict.fromkeys(map(str, range(1_001)), "x")).status_code == 400
        for charset in ("utf-16", "no-such", "rot13", "idna", "punycode"):
            kind = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
            body = b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\xffx.\r\n--b--\r\n'
            assert asked.post("/form", content=body, headers=kind).status_code in (200, 400)


class TestFaults:
    def test_a_fault_is_owned_up_to_and_its_text_kept_from_everybody(self, asked: TestClient, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO")
        answer = asked.get(f"/broken/{SECRET}")
        assert (answer.status_code, heading(answer.text)) == (500, "Something went wrong")
        assert SECRET not in answer.text
        lines = logged(caplog)
        assert SECRET not in str(lines)
        assert lines[0].startswith("GET /broken/{token} failed: RuntimeError < test_shield.py")

    def test_a_broken_template_still_gets_an_answer(self, asked: TestClient, reception: Reception) -> None:
        own = reception.settings.folder / "themes" / "pages"
        own.mkdir(parents=True)
        (own / "base.html").write_text("{{ nothing.of.the.kind }}")
        answer = asked.get("/")
        assert (answer.status_code, answer.text) == (500, "Something went wrong on our side.")
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_a_database_that_is_away_is_503_with_a_time_to_come_back(self, reception: Reception) -> None:
        away = open_database("postgresql://nobody@127.0.0.1:1/nothing")
        client = TestClient(
            application(Reception(engine=away, settings=reception.settings, keys=KEYS, clock=reception.clock)), base_url=f"https://{HOST}"
        )
        token = sign(Purpose.LEAVE, "x" * 22, KEYS)
        for answer in (client.get(f"/leave/{token}"), client.post(f"/leave/{token}", data={"List-Unsubscribe": "One-Click"})):
            assert (answer.status_code, heading(answer.text)) == (503, "Back in a moment")
            assert int(answer.headers["retry-after"]) > 0
        assert client.get("/healthz").status_code == 503
        assert client.get("/").status_code == 200  # what needs no database is there
        away.dispose()

    def test_a_database_without_tables_is_not_healthy(self, reception: Reception) -> None:
        empty = open_database(f"sqlite:///{reception.settings.folder / 'empty.db'}")
        client = TestClient(
            application(Reception(engine=empty, settings=reception.settings, keys=KEYS, clock=reception.clock)), base_url=f"https://{HOST}"
        )
        assert client.get("/healthz").status_code == 503
        empty.dispose()

    def test_the_log_holds_no_token_and_no_address(self, asked: TestClient, readers: Readers, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO")
        token = sign(Purpose.LEAVE, readers.join().subscription_token, KEYS)
        asked.get(f"/leave/{token}?mail=ann@example.com", headers={"X-Forwarded-For": "203.0.113.9"})
        asked.get(f"/somewhere/{token}")
        assert [line.rsplit(" ", 2)[0] for line in logged(caplog)] == ["GET /leave/{token} 200", "GET – 404"]


# Every page there is, with tokens that are ours, and anything else in their place; every field that any form knows, with anything in it.
PATHS = sorted({route.path_format for route in ROUTES} - {"/healthz"})
PURPOSES = {"leave": Purpose.LEAVE, "preferences": Purpose.PREFERENCES, "view": Purpose.VIEW}
DATED = {"confirm": Purpose.CONFIRM, "data": Purpose.DATA}
SIGNING_UP = ("newsletters", "shown", "email", "name", "language", "time_zone", "page", "wording", "website", "stamp", "proof", "wish")
CHOOSING = ("press", "reason", "do", "had", "sure", "cadence-weekly", "sections-weekly", "pause-weekly", "List-Unsubscribe")
COMMON = ("GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "TRACE")
METHODS = st.sampled_from(COMMON) | st.text(string.ascii_uppercase, min_size=1, max_size=9)
WORDS = st.text(st.characters(codec="utf-8"), max_size=30)
TEXTS = WORDS | st.sampled_from(["weekly", "daily", "yes", "One-Click", "ann@example.com", "too often", "\0", "\ud800", "1", "-1", "9" * 40])
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
NAMES = st.sampled_from(["Accept-Language", "Cookie", "X-Forwarded-For", "Range", "If-None-Match", "Expect", "Accept", "Origin", "Referer"])
KINDS = st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json", "text/plain;charset=x"])


@dataclass(frozen=True)
class Asking:
    method: str
    path: str
    word: str
    genuine: bool
    headers: dict[str, str]
    fields: list[tuple[str, str]]
    body: bytes
    kind: str

    def address(self, reader: Known, now: datetime) -> str:
        """The path with its holes filled: a token of this reader where it is to be `genuine`."""
        page = self.path.split("/")[1]
        token = quote(self.word, safe="")
        if self.genuine and page in PURPOSES:
            token = sign(PURPOSES[page], reader.subscriber_token if page == "preferences" else reader.subscription_token, KEYS)
        elif self.genuine and page in DATED:
            token = sign_dated(DATED[page], reader.subscriber_token, now, KEYS)
        return re.sub(r"\{(\w+)\}", lambda hole: token if hole[1] == "token" else quote(self.word, safe="") or "weekly", self.path)


REQUESTS = st.builds(
    Asking,
    method=METHODS,
    path=st.sampled_from(PATHS) | WORDS.map(lambda word: f"/{quote(word)}"),
    word=WORDS | st.sampled_from(["weekly", "20261123T0700Z", ".."]),
    genuine=st.booleans(),
    headers=st.dictionaries(NAMES, VALUES, max_size=3),
    fields=st.lists(st.tuples(st.sampled_from((*SIGNING_UP, *CHOOSING)), TEXTS), max_size=8),
    body=st.binary(max_size=200),
    kind=KINDS,
)


@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asking=REQUESTS)
def test_no_request_whatever_is_a_fault_of_ours(asked: TestClient, readers: Readers, asking: Asking) -> None:
    address = f"https://{HOST}{asking.address(readers.join(), readers.now)}"
    if asking.fields:
        sent = urlencode(asking.fields, errors="surrogatepass").encode()
        kind = "application/x-www-form-urlencoded"
    else:
        sent, kind = asking.body, asking.kind
    answer = asked.request(asking.method, address, headers={"Content-Type": kind, **asking.headers}, content=sent)
    assert answer.status_code < 500
    assert answer.headers["x-content-type-options"] == "nosniff"
