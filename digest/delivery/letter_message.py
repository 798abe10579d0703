"""The message around a letter to one person: as an edition's, but marked as a machine's answer to something that was done (RFC 3834)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from digest.delivery.headers import WEBLINK, links, mailbox, plain, text
from digest.delivery.message import ONE_CLICK
from subscribers.address import ascii_form
from subscribers.tokens import authenticator


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a letter's header lines say. `leave` and `leave_mailbox` are the ways out that editions name as well; the mailbox may be empty."""

    from_name: str
    from_address: str
    reply_to: str
    to_name: str
    to_address: str
    subject: str
    date: datetime
    message_id: str
    list_slug: str
    list_title: str
    list_domain: str
    leave: str
    leave_mailbox: str
    content_type: str


def header_lines(heading: Heading) -> bytes:
    """All header lines, and the empty line behind them. What would be two headers is a ValueError, as in `message`."""
    lines = [
        mailbox("From", heading.from_name, ascii_form(heading.from_address)),
        mailbox("Reply-To", "", ascii_form(heading.reply_to)) if heading.reply_to else b"",
        mailbox("To", heading.to_name, ascii_form(heading.to_address)),
        text("Subject", heading.subject),
        plain("Date", format_datetime(heading.date.astimezone(UTC))),
        plain("Message-ID", heading.message_id),
        plain("MIME-Version", "1.0"),
        plain("Content-Type", heading.content_type),
        mailbox("List-Id", heading.list_title, f"{heading.list_slug}.{heading.list_domain}"),
        links("List-Unsubscribe", *_ways_out(heading)),
        plain("List-Unsubscribe-Post", ONE_CLICK),
        plain("Auto-Submitted", "auto-generated"),
        plain("X-Auto-Response-Suppress", "OOF, AutoReply"),
    ]
    return b"".join((*lines, b"\r\n"))


def letter_id(key: str, delivery_id: int, subscription: str, domain: str) -> str:
    """A letter's Message-ID: the same for every try, and nobody without the key can guess it."""
    code = authenticator(key.encode())(f"message-id:letter:{delivery_id}:{subscription}".encode())
    return f"<{code[:16].hex()}.letter@{ascii_form(f'x@{domain}')[2:]}>"


def _ways_out(heading: Heading) -> list[str]:
    if not (heading.leave.startswith("https://") and WEBLINK.fullmatch(heading.leave)):
        raise ValueError("the way to leave must be an https address")
    if not heading.leave_mailbox:
        return [heading.leave]
    token = quote(heading.leave.rpartition("/")[2], safe="")
    return [heading.leave, f"mailto:{quote(ascii_form(heading.leave_mailbox), safe='@')}?subject={token}"]
