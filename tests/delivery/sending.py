"""A message, the settings for a relay on loopback, and a hand-over in one line."""

from typing import Any

from digest.delivery.smtp import SmtpTransport
from digest.delivery.steps import finish
from digest.delivery.values import Envelope, Outcome
from digest.settings import Smtp

DATA = b"Subject: x\r\n\r\nHello\r\n.a line with a dot\r\n..two\r\n.\r\nend\r\n"
STUFFED = b"Subject: x\r\n\r\nHello\r\n..a line with a dot\r\n...two\r\n..\r\nend\r\n"
LARGE = b"Subject: x\r\n\r\n" + b"more and more\r\n" * 2_000_000  # more than the line's buffers hold


def envelope(recipient: str = "ann@example.com", data: bytes = DATA, *, clean: bool = False) -> Envelope:
    return Envelope(name=recipient, sender="letters@example.com", recipient=recipient, parts=(data,), clean=clean)


def opening(recipient: str) -> bytes:
    """What announces a message of ASCII to a relay that names no limit."""
    return b"MAIL FROM:<letters@example.com>\r\nRCPT TO:<%s>\r\nDATA\r\n" % recipient.encode()


def settings(port: int, **given: Any) -> Smtp:
    return Smtp(**{"host": "127.0.0.1", "port": port, "security": "none", "timeout_seconds": 10, "answer_seconds": 10, **given})


def sent(port: int, message: Envelope | None = None, **given: Any) -> Outcome:
    with SmtpTransport(settings(port, **given)) as transport:
        return send(transport, message or envelope())


def send(transport: SmtpTransport, message: Envelope, following: Envelope | None = None) -> Outcome:
    return finish(transport.hand_over(message, following))


def sent_all(transport: SmtpTransport, *messages: Envelope) -> list[Outcome]:
    """One after the other, each announced with the one before it."""
    return [send(transport, message, following) for message, following in zip(messages, [*messages[1:], None], strict=True)]
