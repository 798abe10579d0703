"""Questions to a WordPress's REST interface, and its lists page by page."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode, urlsplit

from digest.errors import SourceError
from digest.sources.http import Answer, Client

PER_PAGE = 100  # the most WordPress gives
CLOSED = " The REST interface may be closed to the public: give the source a user and an application password."
HINTS = {401: CLOSED, 403: CLOSED}
MOST_PAGES = 1_000  # a list that never ends is a broken one
LISTS = {"per_page": str(PER_PAGE), "orderby": "id", "order": "asc"}  # by id: what is published meanwhile shifts no page


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one question brought: `data` is the decoded JSON, None where `kind`, the content type, is no JSON or the JSON is broken."""

    status: int
    kind: str
    data: object
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """WordPress's own word for an error, such as rest_forbidden."""
        code = self.data.get("code") if isinstance(self.data, dict) else None
        return code if isinstance(code, str) and re.fullmatch(r"\w{1,60}", code) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list; `last` is the number of the last page, or of the next one where no more is known."""

    items: tuple[object, ...]
    number: int = 1
    last: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """The root of a site's REST interface. With plain permalinks the route is a parameter, `?rest_route=/wp/v2/posts`, not a path."""

    client: Client
    address: str
    query: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None

    def ask(self, route: str, params: Mapping[str, str]) -> Reply:
        """Asks for `route` (`/wp/v2/posts`). Refusals are replies too, and so is the page of HTML that some sites answer with."""
        if "rest_route" in self.query:
            address, query = self.address, {**self.query, "rest_route": self.query["rest_route"].rstrip("/") + route}
        else:
            address, query = self.address.rstrip("/") + route, dict(self.query)
        answer = self.client.get(f"{address}?{urlencode({**query, **params})}", headers={"Accept": "application/json"}, auth=self.auth)
        return _read(answer)

    def page(self, route: str, params: Mapping[str, str], number: int = 1) -> Page:
        """One page of a list; a refusal is a `SourceError` that names it."""
        reply = self.ask(route, {**params, "page": str(number)} if number > 1 else params)
        if number > 1 and reply.code == "rest_post_invalid_page_number":  # the list has become shorter since the page before
            return Page(items=(), number=number, last=number)
        if reply.status != 200:
            raise SourceError(f"{self.name(route)} answered {reply.status}{f' ({reply.code})' if reply.code else ''}.{HINTS.get(reply.status, '')}")
        if not isinstance(reply.data, list):
            raise SourceError(f"{self.name(route)} answered with no readable JSON list (but {reply.kind or 'nothing that is named'}).")
        return Page(items=tuple(reply.data), number=number, last=_last_page(reply.headers, number))

    def pages(self, route: str, params: Mapping[str, str]) -> Iterator[Page]:
        """Every page of a list. Short and even empty pages come in the middle, so only what the headers say ends it."""
        for number in count(1):
            page = self.page(route, {**LISTS, **params}, number)
            if page.last > MOST_PAGES:
                raise SourceError(f"{self.name(route)} says that it has more than {MOST_PAGES} pages.")
            yield page
            if number >= page.last:
                return

    def chosen(self, route: str, numbers: Sequence[int], params: Mapping[str, str]) -> Page:
        """The items of these numbers, at most `PER_PAGE` of them. Whatever may not be seen is missing from the page."""
        asked = {"include": ",".join(str(number) for number in numbers), "per_page": str(PER_PAGE)}
        return self.page(route, {**params, **asked})

    def name(self, route: str) -> str:
        return f"{urlsplit(self.address).hostname} {route}"


def _read(answer: Answer) -> Reply:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or kind.endswith("+json")
    try:
        data = json.loads(answer.body) if is_json else None
    except (ValueError, RecursionError):
        data = None
    return Reply(status=answer.status, kind=kind[:100], data=data, headers=answer.headers)


def _last_page(headers: Mapping[str, str], number: int) -> int:
    """By X-WP-TotalPages; where something on the way took it out, by whether a next page is linked."""
    total = headers.get("x-wp-totalpages", "")
    if total.isascii() and total.isdigit():
        return int(total[:9])
    return number + ('rel="next"' in headers.get("link", ""))
