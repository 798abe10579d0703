"""Where the links of a mail lead, in the order of the page. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.render.elements import read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """A link: its words, and its address. `opens`: it is one that may be followed from the desk."""

    words: str
    address: str
    host: str
    opens: bool
    readers: bool  # one of the pages that are a reader's own


def links_in(html: str, pages: str) -> Iterator[Led]:
    """`pages` is the address below which the readers' own pages are."""
    for link in read_page(html).named("a"):
        address = link.attributes.get("href", "").strip()
        if address:
            yield _led(link.name, address, pages)


def _led(words: str, address: str, pages: str) -> Led:
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme, parts.hostname or ""
    except ValueError:
        scheme, host = "", ""
    readers = bool(pages) and address.startswith(f"{pages}/")
    return Led(words=words, address=address, host=host, opens=scheme in ("http", "https") and bool(host) and not readers, readers=readers)
