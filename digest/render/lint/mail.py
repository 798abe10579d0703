"""A finished mail as the checks see it: its parts, its headers, and what is to be known to judge them."""

import email
import email.policy
from dataclasses import dataclass, field
from email.message import EmailMessage

from digest.publication import Colours
from digest.render.elements import Page, read_page

CLIP = 102_400  # Gmail shows no more of a mail's HTML


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a mail itself does not tell: its publication's colours, the size it may have, the mail programs it is meant for, the last edition's
    subject, the postal address that must be in it, and the `words` that are its authors' and commenters' own. What is empty is not looked at."""

    colours: Colours | None = None
    budget: int = 90_000
    clients: tuple[str, ...] = ()
    last_subject: str = ""
    preheader: str | None = None
    postal_address: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`headers` are name and value in order, None where only the two parts are known."""

    html: str
    text: str
    page: Page
    about: About = field(default_factory=About)
    headers: tuple[tuple[str, str], ...] | None = None
    parts: tuple[str, ...] = ()  # the kinds of its parts, in order
    longest_line: int = 0  # bytes

    def header(self, name: str) -> list[str]:
        return [value for found, value in self.headers or () if found.lower() == name.lower()]

    @property
    def subject(self) -> str | None:
        """None where headers are not known."""
        return None if self.headers is None else next(iter(self.header("Subject")), "")


def of_parts(html: str, text: str, about: About) -> Mail:
    return Mail(html=html, text=text, page=read_page(html), about=about)


def of_message(data: bytes, about: About) -> Mail:
    """A whole message, as it is handed over."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    html = _content(message, "html")
    return Mail(
        html=html,
        text=_content(message, "plain"),
        page=read_page(html),
        about=about,
        headers=tuple((name, str(value)) for name, value in message.items()),
        parts=(message.get_content_type(), *(part.get_content_type() for part in message.iter_parts())),
        longest_line=max((len(line) for line in data.splitlines()), default=0),
    )


def _content(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    content: str = body.get_content() if body else ""
    return content
