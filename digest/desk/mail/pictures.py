"""Which pictures an edition shows, by its values: the only addresses that a frame may ask for anything. Pure."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from digest.editions.values import Edition, Quote, Story
from digest.publication import Publication

_UNFIT = frozenset(" ;,'\"\\*")  # what would end an address in a Content-Security-Policy, or make it any address


def pictures_of(edition: Edition, publication: Publication) -> frozenset[str]:
    """The addresses of its stories' pictures, of quoted people's faces, the sponsor's and the logos."""
    found = [publication.logo, publication.logo_dark]
    for story in (*edition.stories, *edition.leads):
        found += _of_story(story)
    for quote in (*edition.top_comments, *edition.recent_comments):
        found += _of_quote(quote)
    if edition.sponsor and edition.sponsor.image:
        found.append(edition.sponsor.image.url)
    return frozenset(address for address in found if address)


def _of_story(story: Story) -> Iterator[str]:
    if story.image:
        yield story.image.url
    if story.quote:
        yield from _of_quote(story.quote)


def _of_quote(quote: Quote) -> Iterator[str]:
    yield quote.avatar
    if quote.reply:
        yield from _of_quote(quote.reply)


def sources(addresses: Iterable[str]) -> str:
    """As the sources of a Content-Security-Policy; 'none' where there is none. A query is no part of a source; what would end one makes it none."""
    found = sorted({source for address in addresses if (source := _source(address))})
    return " ".join(found) or "'none'"


def _source(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    source = f"{parts.scheme}://{parts.netloc}{parts.path}"
    sound = source.isascii() and source.isprintable() and not _UNFIT & set(source)
    return source if parts.scheme in ("http", "https") and parts.netloc and sound else ""
