"""The bytes of one SMTP mail transaction: MAIL, RCPT, DATA, and the message as DATA carries it. Pure."""

import re
from collections.abc import Mapping

from digest.delivery.values import Envelope
from subscribers.address import ascii_form
from subscribers.errors import BadAddress

UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")
BARE = re.compile(rb"\r\n|\r|\n")


def stuffed(data: bytes) -> bytes:
    """The message as DATA carries it (RFC 5321 4.5.2): a dot that begins a line is doubled, the last line ended. A bare CR or LF becomes a line
    end, for relays do not agree on what it is, and a message hidden behind one would be another's (SMTP smuggling)."""
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        data = BARE.sub(b"\r\n", data)
    if data.startswith(b"."):
        data = b"." + data
    data = data.replace(b"\r\n.", b"\r\n..")
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def commands(features: Mapping[str, str], envelope: Envelope, size: int) -> tuple[bytes, ...]:
    """MAIL, RCPT and DATA for this message; a ValueError says why this relay cannot be given it."""
    try:
        sender, recipient = ascii_form(envelope.sender), ascii_form(envelope.recipient)
    except BadAddress as error:
        raise ValueError(f"no address that can be sent to: {error}") from None
    if not recipient or UNSAFE.search(sender) or UNSAFE.search(recipient):
        raise ValueError("no address that can be sent to")
    utf8 = not (sender + recipient).isascii()
    if utf8 and "smtputf8" not in features:
        raise ValueError("the address has letters beyond ASCII before the @, and the relay does not offer SMTPUTF8")
    limit = largest(features)
    if limit and size > limit:
        raise ValueError(f"the message has {size:,} bytes, and the relay takes {limit:,} at most")
    wanted = {
        "size": f"SIZE={size}" if limit else "",
        "8bitmime": "" if envelope.data.isascii() else "BODY=8BITMIME",
        "smtputf8": "SMTPUTF8" if utf8 else "",
    }
    options = "".join(f" {option}" for name, option in wanted.items() if option and name in features)
    return f"MAIL FROM:<{sender}>{options}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode(), b"DATA\r\n"


def largest(features: Mapping[str, str]) -> int:
    """The relay's limit in bytes (SIZE, RFC 1870), 0 where it names none."""
    said = features.get("size", "")
    return int(said) if said.isdecimal() else 0
