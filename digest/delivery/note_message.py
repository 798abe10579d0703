"""The message around a note to somebody who edits: no list's mail, but marked as a machine's (RFC 3834)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from digest.delivery.headers import mailbox, plain, text
from subscribers.address import ascii_form
from subscribers.tokens import authenticator


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteHeading:
    """What a note's header lines say."""

    from_name: str
    from_address: str
    to_address: str
    subject: str
    date: datetime
    message_id: str
    content_type: str


def note_lines(heading: NoteHeading) -> bytes:
    """All header lines, and the empty line behind them. What would be two headers is a ValueError."""
    lines = [
        mailbox("From", heading.from_name, ascii_form(heading.from_address)),
        mailbox("To", "", heading.to_address),
        text("Subject", heading.subject),
        plain("Date", format_datetime(heading.date.astimezone(UTC))),
        plain("Message-ID", heading.message_id),
        plain("MIME-Version", "1.0"),
        plain("Content-Type", heading.content_type),
        plain("Auto-Submitted", "auto-generated"),
        plain("X-Auto-Response-Suppress", "OOF, AutoReply"),
    ]
    return b"".join((*lines, b"\r\n"))


def note_id(key: str, about: str, to_address: str, domain: str) -> str:
    """A note's Message-ID: the same for every try, and nobody without the key can guess it."""
    code = authenticator(key.encode())(f"message-id:note:{about}:{to_address}".encode())
    return f"<{code[:16].hex()}.note@{ascii_form(f'x@{domain}')[2:]}>"
