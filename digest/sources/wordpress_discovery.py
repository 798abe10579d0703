"""Finding a WordPress's REST interface, and whom it takes us for."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit, urlunsplit

from digest.errors import Gone, SourceError
from digest.sources.address import shown
from digest.sources.http import Client
from digest.sources.values import Problem
from digest.sources.wordpress_json import as_number, at
from digest.sources.wordpress_rest import Interface

RELATION = "https://api.w.org/"
PORTS = {"http": 80, "https": 443}

_LINK_HEADER = re.compile(r'<([^<>]*)>\s*;[^<>]*?\brel="?([^",;<>]+)')
_LINK_ELEMENT = re.compile(r"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)


def find_interface(client: Client, url: str) -> Interface:
    """The REST interface that the page at `url` names in its Link header or its head. A `SourceError` where it names none."""
    answer = client.get(url)
    if answer.status == 410:
        raise Gone(f"{shown(url)} is gone for good (410).")
    named = _from_header(answer.headers.get("link", "")) or _from_page(answer.body)
    parts = _split(answer.url, named) if named else None
    if parts is None:
        raise SourceError(f"{shown(url)} (status {answer.status}) names no REST interface. Is it a WordPress site? Else read its feed.")
    return Interface(client=client, address=urlunsplit(parts._replace(query="", fragment="")), query=dict(parse_qsl(parts.query)))


def sign_in(interface: Interface, url: str, user: str, password: str) -> tuple[Interface, Problem | None]:
    """The interface as `user`, or else as anyone, with the reason. WordPress takes no notice of a wrong application password
    when it is asked for posts or comments, so it is asked who we are; and whether held comments may be seen."""
    if not user or not password:
        return interface, None
    if not same_house(url, interface.address):
        there = urlsplit(interface.address).netloc
        return interface, _as_anyone(
            f"The interface is at {there}, not at the source's own url, so the password is not sent there: name it as url if it is right."
        )
    known = replace(interface, auth=(user, password))
    if not as_number(at(known.ask("/wp/v2/users/me", {"_fields": "id"}).data, "id")):
        return interface, _as_anyone("The application password is not accepted (or the server drops the Authorization header).")
    if known.ask("/wp/v2/comments", {"status": "all", "per_page": "1", "_fields": "id"}).status != 200:
        return interface, _as_anyone("The user may not see held comments; an editor or administrator may.")
    return known, None


def _as_anyone(why: str) -> Problem:
    return Problem(where="password", what=f"{why} The site is read as anyone sees it.")


def _split(base: str, found: str) -> SplitResult | None:
    try:
        parts = urlsplit(urljoin(base, found))
        return parts if parts.hostname and (parts.port or PORTS.get(parts.scheme)) else None
    except ValueError:
        return None


def same_house(declared: str, found: str) -> bool:
    """Whether credentials for one address may go to the other: the same host and port, or up from plain http to https."""
    mine, other = _split(declared, ""), _split(found, "")
    if mine is None or other is None or mine.hostname != other.hostname:
        return False
    upgraded = (mine.scheme, mine.port, other.scheme, other.port) == ("http", None, "https", None)
    return upgraded or (mine.scheme == other.scheme and (mine.port or PORTS[mine.scheme]) == (other.port or PORTS[other.scheme]))


def _from_header(link: str) -> str:
    return next((address for address, relation in _LINK_HEADER.findall(link) if relation.strip() == RELATION), "")


def _from_page(body: bytes) -> str:
    for element in _LINK_ELEMENT.findall(body.decode("utf-8", "replace")):
        address = _HREF.search(element.replace(RELATION, "", 1)) if RELATION in element else None
        if address:
            return unescape(address[1])
    return ""
