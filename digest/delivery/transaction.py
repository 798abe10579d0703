"""The bytes of one SMTP mail transaction: the commands that announce a message, and its content as DATA or BDAT carries it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from digest.delivery.values import Envelope
from subscribers.address import ascii_form
from subscribers.errors import BadAddress

UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")
BARE = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a relay said to EHLO. `largest` is in bytes (SIZE, RFC 1870), 0 where it names no limit."""

    pipelining: bool = False
    chunking: bool = False
    eight_bit: bool = False
    utf8: bool = False
    largest: int = 0

    @classmethod
    def of(cls, features: Mapping[str, str]) -> Self:
        """From the extensions' names in lower case and their parameters."""
        size = features.get("size", "")
        return cls(
            pipelining="pipelining" in features,
            chunking="chunking" in features,
            eight_bit="8bitmime" in features,
            utf8="smtputf8" in features,
            largest=int(size) if size.isdecimal() else 0,
        )


class Transaction(NamedTuple):
    """One message as it goes over the line: `commands` are answered one by one, then `content` is written. As long as the system has taken fewer than
    `whole` bytes of the content, the relay cannot have the message."""

    envelope: Envelope
    commands: tuple[bytes, ...]
    content: tuple[bytes, ...]
    whole: int


def transaction(offer: Offer, envelope: Envelope, *, chunked: bool = False) -> Transaction:
    """The message by DATA, or `chunked` by a single BDAT (RFC 3030). A ValueError says why this relay cannot be given it."""
    body = envelope.parts if envelope.clean else (mended(envelope.data),)
    if chunked:
        size = sum(map(len, body))
        head = b"BDAT %d LAST\r\n" % size
        return Transaction(envelope, commands(offer, envelope, size), (head, *body), len(head) + size)
    if not envelope.clean:
        body = (stuffed(body[0]),)
    size = sum(map(len, body))
    return Transaction(envelope, (*commands(offer, envelope, size), b"DATA\r\n"), (*body, b".\r\n"), size + 1)


def mended(data: bytes) -> bytes:
    """The message with its last line ended. A bare CR or LF becomes a line end, for relays do not agree on what it is, and a message hidden behind
    one would be another's (SMTP smuggling)."""
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        data = BARE.sub(b"\r\n", data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def stuffed(data: bytes) -> bytes:
    """A mended message as DATA carries it (RFC 5321 4.5.2): a dot that begins a line is doubled."""
    return (b"." + data if data.startswith(b".") else data).replace(b"\r\n.", b"\r\n..")


def commands(offer: Offer, envelope: Envelope, size: int) -> tuple[bytes, bytes]:
    """MAIL and RCPT for this message of `size` bytes; a ValueError says why this relay cannot be given it."""
    try:
        sender, recipient = ascii_form(envelope.sender), ascii_form(envelope.recipient)
    except BadAddress as error:
        raise ValueError(f"no address that can be sent to: {error}") from None
    both = sender + recipient
    if not recipient or UNSAFE.search(both):
        raise ValueError("no address that can be sent to")
    utf8 = not both.isascii()
    if utf8 and not offer.utf8:
        raise ValueError("the address has letters beyond ASCII before the @, and the relay does not offer SMTPUTF8")
    if offer.largest and size > offer.largest:
        raise ValueError(f"the message has {size:,} bytes, and the relay takes {offer.largest:,} at most")
    options = f" SIZE={size}" if offer.largest else ""
    if offer.eight_bit and not envelope.seven_bit and not envelope.data.isascii():
        options += " BODY=8BITMIME"
    if utf8:
        options += " SMTPUTF8"
    return f"MAIL FROM:<{sender}>{options}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode()
