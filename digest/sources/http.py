"""The guarded client: every address that is fetched from outside is fetched here. Owner of httpx2.

What it keeps from whoever is at the other end: connections to the inside of our network (`guard.py`, on every redirect), our
time (one deadline for the whole fetch), our memory (a limit on what is decompressed), and credentials meant for another
origin. Proxies named in the environment are not used: behind one, no address could be checked.
"""

import re
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from time import sleep
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from digest.errors import Refused, SourceError, TryLater
from digest.settings import Fetch
from digest.sources.address import shown
from digest.sources.connection import Deadline, GuardedBackend, Resolve, resolve
from digest.sources.guard import read_allowed

REDIRECTS = {301, 302, 303, 307, 308}
PERMANENT = {301, 308}
PATIENCE_SECONDS = 300  # after a 429 or 503 that names no time
LONGEST_PATIENCE_SECONDS = 86_400
PRIVATE_HEADERS = {"authorization", "cookie", "proxy-authorization"}  # never sent to another origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `headers` looks names up in any case; `body` is decompressed; `url` is where it came from in the end, and
    `moved_to` is set when every redirect on the way was permanent (301, 308)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class _Ask:
    url: httpx2.URL
    headers: Mapping[str, str]
    method: str = "GET"


class Client:
    """Fetches, one address at a time: not to be shared between threads. To be closed, or used with `with`."""

    def __init__(self, fetch: Fetch, *, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None, pause_seconds: float = 1.0) -> None:
        self._fetch = fetch
        self._pause_seconds = pause_seconds
        self._deadline = Deadline()
        backend = GuardedBackend(allowed=read_allowed(fetch.allow_private), deadline=self._deadline, resolve=resolve)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls or httpx2.create_ssl_context(), network_backend=backend, max_keepalive_connections=4, keepalive_expiry=30
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()

    def get(self, url: str, *, headers: Mapping[str, str] = {}, params: Mapping[str, str] = {}, auth: tuple[str, str] | None = None) -> Answer:
        """The answer at `url`, redirects followed. `params` are added to its query; `auth` is a user and a password.

        A connection that fails and a 5xx are tried once more. Raises `Refused` for an address we must not connect to, `TryLater`
        after 429 and 503, else `SourceError`: no answer, too slow, too big, too many redirects, a 5xx. Any other status is an `Answer`.
        """
        return self._follow(url, _first(url, {"User-Agent": self._fetch.user_agent, **headers}, params, auth))

    def head(self, url: str) -> Answer:
        """As `get`, without a body: only whether there is an answer, and which."""
        return self._follow(url, replace(_first(url, {"User-Agent": self._fetch.user_agent}, {}, None), method="HEAD"))

    def _follow(self, url: str, first: _Ask) -> Answer:
        ask, permanent = first, True
        self._deadline.start(self._fetch.timeout_seconds)
        for hop in range(self._fetch.maximum_redirects + 1):
            try:
                answer = self._answer(ask)
            except Refused as error:
                raise Refused(f"{shown(url)} redirects to a place that is not asked: {error}" if hop else str(error)) from error
            if answer.status not in REDIRECTS:
                return replace(answer, moved_to=answer.url if hop and permanent else "")
            permanent = permanent and answer.status in PERMANENT
            ask = _next(first, ask, answer)
        raise SourceError(f"{shown(url)} redirects more than {self._fetch.maximum_redirects} times.")

    def _answer(self, ask: _Ask) -> Answer:
        try:
            return self._try(ask)
        except _Passing:
            sleep(self._pause_seconds)
            return self._try(ask)

    def _try(self, ask: _Ask) -> Answer:
        where = shown(str(ask.url))
        try:
            answer = self._read(ask)
        except (httpx2.TimeoutException, httpcore2.TimeoutException) as error:
            raise TooMuch(f"{where} took longer than the {self._fetch.timeout_seconds:g} seconds of [fetch] timeout_seconds.") from error
        except httpx2.DecodingError as error:
            raise SourceError(f"{where} sent something that cannot be decompressed.") from error
        except (httpcore2.LocalProtocolError, UnicodeError) as error:  # their text may quote the header, and so a password
            raise SourceError(f"{where} cannot be asked for: a header holds a character that HTTP does not allow.") from error
        except httpcore2.RemoteProtocolError as error:
            raise _Passing(f"{where} broke off before its answer was whole, or does not speak HTTP ({_reason(error)}).") from error
        except httpcore2.NetworkError as error:
            raise _Passing(f"{where} cannot be reached: {_reason(error)}.") from error
        if answer.status in {429, 503}:
            raise TryLater(f"{where} answered {answer.status} and asks for patience.", seconds=_patience(answer.headers))
        if answer.status >= 500:
            raise _Passing(f"{where} answered {answer.status}.")
        return answer

    def _read(self, ask: _Ask) -> Answer:
        with closing(self._pool.handle_request(_request(ask))) as raw:
            response = httpx2.Response(raw.status, headers=raw.headers, stream=_Stream(raw))
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > self._fetch.maximum_bytes:
                    raise TooMuch(f"{shown(str(ask.url))} is bigger than the {self._fetch.maximum_bytes} bytes of [fetch] maximum_bytes.")
        return Answer(status=raw.status, headers=response.headers, body=bytes(body), url=str(ask.url))


class TooMuch(SourceError):
    """There is an answer, but it takes longer or is bigger than we let it."""


class _Passing(SourceError):
    """What may have passed a second later: worth one more try."""


class _Stream(httpx2.SyncByteStream):
    def __init__(self, raw: httpcore2.Response) -> None:
        self._raw = raw

    def __iter__(self) -> Iterator[bytes]:
        yield from self._raw.iter_stream()


def _first(url: str, headers: Mapping[str, str], params: Mapping[str, str], auth: tuple[str, str] | None) -> _Ask:
    address = _checked(url)
    if auth is None and address.userinfo:
        auth = (address.username, address.password)
    asked = {"accept-encoding": "gzip, deflate", **{name.lower(): value for name, value in headers.items()}}
    if auth is not None:
        asked["authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
    address = address.copy_with(userinfo=b"", fragment=None)
    return _Ask(address.copy_merge_params(dict(params)) if params else address, asked)


def _next(first: _Ask, ask: _Ask, answer: Answer) -> _Ask:
    location = answer.headers.get("location")
    if not location:
        raise SourceError(f"{shown(answer.url)} answered {answer.status} but names no other address.")
    try:
        address = _checked(str(ask.url.join(location))).copy_with(userinfo=b"", fragment=None)
    except httpx2.InvalidURL as error:
        raise SourceError(f"{shown(answer.url)} redirects to something that is no address.") from error
    if _origin(address) == _origin(first.url):
        return replace(first, url=address)
    return replace(first, url=address, headers={name: value for name, value in first.headers.items() if name not in PRIVATE_HEADERS})


def _checked(url: str) -> httpx2.URL:
    try:
        address = httpx2.URL(url)
    except (httpx2.InvalidURL, TypeError) as error:
        raise SourceError(f"“{shown(url)}” is no address that can be fetched.") from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise Refused(f"“{shown(url)}” is not fetched: only http:// and https:// addresses are.")
    if address.port is not None and not 0 < address.port < 65_536:
        raise SourceError(f"“{shown(url)}” names a port that does not exist.")
    return address


def _origin(address: httpx2.URL) -> tuple[str, str, int | None]:
    return address.scheme, address.host, address.port


def _request(ask: _Ask) -> httpcore2.Request:
    filled = httpx2.Request(ask.method, ask.url, headers=dict(ask.headers))  # adds Host
    url = httpcore2.URL(scheme=ask.url.raw_scheme, host=ask.url.raw_host, port=ask.url.port, target=ask.url.raw_path)
    return httpcore2.Request(ask.method, url, headers=filled.headers.raw)


def _reason(error: Exception) -> str:
    return re.sub(r"\[Errno -?\d+\] ", "", str(error))[:200].rstrip(".")


def _patience(headers: Mapping[str, str]) -> int:
    """Retry-After in seconds, at most a day: a number, or a date, which is counted from the answer's own Date."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return min(int(given[:9]), LONGEST_PATIENCE_SECONDS)
    try:
        seconds = (parsedate_to_datetime(given) - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, or one with a zone and one without
        return PATIENCE_SECONDS
    return int(min(max(seconds, 0), LONGEST_PATIENCE_SECONDS))
