"""The message around an edition's ready bytes: header lines all readers share, made once, and the few that differ.

RFC 5322 (one From, Date, Message-ID, To), RFC 8058 and 2369 (leaving in one click), RFC 2919 (List-Id).
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from digest.delivery.headers import WEBLINK, links, mailbox, plain, text
from subscribers.address import ascii_form
from subscribers.tokens import authenticator

_LINE = re.compile(rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
ONE_CLICK = "List-Unsubscribe=One-Click"


def fixed_headers(
    *, from_name: str, from_address: str, reply_to: str, subject: str, date: datetime, list_slug: str, list_title: str, content_type: str
) -> bytes:
    """The header lines every message of an edition has, each ended by CRLF. `content_type` is that header's value, with its boundary.

    A line end in any of them is a ValueError: it would smuggle in a header.
    """
    sender = ascii_form(from_address)
    lines = [
        mailbox("From", from_name, sender),
        mailbox("Reply-To", "", ascii_form(reply_to)) if reply_to else b"",
        subject_line(subject),
        date_line(date),
        plain("MIME-Version", "1.0"),
        plain("Content-Type", content_type),
        # RFC 2919: the part in brackets is what filters know the list by, and stays the same when the title changes.
        mailbox("List-Id", list_title, f"{list_slug}.{sender.rpartition('@')[2]}"),
        plain("List-Unsubscribe-Post", ONE_CLICK),
        plain("Precedence", "bulk"),
        # Keeps Exchange from answering with out-of-office notes; not “All”, which would also keep bounces back.
        plain("X-Auto-Response-Suppress", "OOF, AutoReply"),
    ]
    return b"".join(lines)


def subject_line(subject: str) -> bytes:
    """A line end in it is a ValueError."""
    return text("Subject", subject)


def date_line(date: datetime) -> bytes:
    return plain("Date", format_datetime(date.astimezone(UTC)))


def apart(fixed: bytes) -> tuple[bytes, bytes]:
    """Fixed headers without those of which each reader may have their own, Subject and Date; and the Subject that was among them."""
    lines = _LINE.findall(fixed)
    subject = b"".join(line for line in lines if line.startswith(b"Subject:"))
    return b"".join(line for line in lines if not line.startswith((b"Subject:", b"Date:"))), subject


def address(
    fixed: bytes, *, to_name: str, to_address: str, message_id: str, unsubscribe_url: str, unsubscribe_mailto: str = "", body: Iterable[bytes] = ()
) -> tuple[bytes, ...]:
    """One reader's whole message in parts: the fixed headers, then the reader's own with an empty line, the body's parts as they are.

    `unsubscribe_mailto` is a mailbox, or empty; its mails carry the token of `unsubscribe_url` as their subject. An `unsubscribe_url` that is not
    https (a preview before the pages have their address) is left out: no mail program would follow it.
    """
    uris = [unsubscribe_url] if unsubscribe_url.startswith("https://") and WEBLINK.fullmatch(unsubscribe_url) else []
    if unsubscribe_mailto:
        token = quote(unsubscribe_url.rpartition("/")[2], safe="")
        uris.append(f"mailto:{quote(ascii_form(unsubscribe_mailto), safe='@')}?subject={token}")
    to, identity = mailbox("To", to_name, ascii_form(to_address)), plain("Message-ID", message_id)
    own = b"%b%b%b\r\n" % (to, identity, links("List-Unsubscribe", *uris) if uris else b"")
    return fixed, own, *body


def message_ids(newsletter: str, slot: datetime, key: str, domain: str, *, cadence: str = "") -> Callable[[str], str]:
    """An edition's Message-IDs, by subscription; `cadence` where it is not the newsletter's own. The same for every try of one delivery, so that a
    mailbox can tell a doubled one; nobody without the key can guess it."""
    said = f"message-id:{newsletter}:{slot.astimezone(UTC).isoformat()}:{cadence}{':' if cadence else ''}"
    code, host = authenticator(key.encode()), ascii_form(f"x@{domain}")[2:]

    def message_id(subscription: str) -> str:
        return f"<{code(f'{said}{subscription}'.encode())[:16].hex()}.{newsletter}@{host}>"

    return message_id
