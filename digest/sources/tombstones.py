"""`at:deleted-entry` (RFC 6721): what an Atom feed says is gone. feedparser keeps only the last of them."""

from contextlib import suppress
from xml.parsers import expat

DELETED_ENTRY = "http://purl.org/atompub/tombstones/1.0 deleted-entry"


def deleted_entries(body: bytes) -> tuple[str, ...]:
    """The ids of deleted entries, as far as the XML is sound. A name within CDATA or a comment is no element and does not count."""
    if b"deleted-entry" not in body:
        return ()
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == DELETED_ENTRY and attributes.get("ref"):
            found.append(attributes["ref"].strip())

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    with suppress(expat.ExpatError, ValueError, LookupError):  # cut off, or in a charset expat has not
        parser.Parse(body)
    return tuple(dict.fromkeys(found))
