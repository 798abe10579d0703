"""An edition all the way to what a reader's mail program shows."""

import email
import email.policy
from email.message import EmailMessage

from digest.editions.values import Edition
from digest.render.compile import compile_edition
from digest.render.compiled import CompiledEdition, Hole
from digest.render.draw import draw
from digest.render.fill import fill
from digest.render.inline import inline
from digest.render.look import Look

VALUES = {
    Hole.GREETING: "Hello Ann,",
    Hole.ADDRESS: "ann@reader.example",
    Hole.UNSUBSCRIBE: "https://pages.saltmarsh.example/leave/" + "t0ken." * 15,
    Hole.PREFERENCES: "https://pages.saltmarsh.example/preferences/" + "t0ken." * 15,
    Hole.VIEW: "https://pages.saltmarsh.example/view/letter/20261123T0700Z/" + "t0ken." * 12,
}


def compiled(edition: Edition, look: Look, engine: str = "premailer") -> CompiledEdition:
    drawn = draw(edition, look)
    return compile_edition(drawn.with_html(inline(drawn.html, engine)))


def parts(content_type: str, body: bytes) -> tuple[str, str]:
    """Text and HTML of a MIME body, read by Python's own parser, with plain line ends."""
    head = f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + body, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    shown, page = (part.get_content().replace("\r\n", "\n") for part in (text, html))
    return shown, page


def seen(edition: Edition, look: Look, engine: str = "premailer") -> tuple[str, str]:
    """Text and HTML as one reader gets them."""
    made = compiled(edition, look, engine)
    return parts(made.content_type, fill(made, VALUES))
