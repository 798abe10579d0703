"""A mailbox whose owner waits for the post, and what they do with a mail: read it, follow its links."""

import re
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.journeys.paper import Mailbox
from tests.letter_office import opened, parts

PATIENCE = 60


@dataclass
class Letterbox(Mailbox):
    came: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        answer = await super().handle_DATA(server, session, envelope)
        with self.came:
            self.came.notify_all()
        return answer

    def mail(self, address: str, number: int) -> EmailMessage:
        """The so-manieth mail to this address, counted from 1, as soon as it is there."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.messages[address]) >= number, PATIENCE), f"{address} waits for mail number {number}"
            return opened(self.messages[address][number - 1])

    def all(self, number: int) -> dict[str, bytes]:
        """The one mail of each of so many readers, by address, as soon as all are there."""
        with self.came:
            assert self.came.wait_for(lambda: self.taken >= number, PATIENCE), f"{number - self.taken} mails did not come"
            assert sorted(self.counts.values()) == [1] * number
            return {address: mail for address, (mail,) in self.messages.items()}


def link(mail: EmailMessage, page: str) -> str:
    """Where the mail's text and HTML lead for this page: the same for both."""
    html, text = parts(mail)
    (found,) = set(re.findall(rf"https://[^/\s]+/{page}/[\w~./-]+", text))
    assert f'href="{found}"' in html
    return str(found)


def opt_out(mail: EmailMessage) -> str:
    """The address of the mail program's own button (RFC 8058)."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (found,) = re.findall(r"<(https://[^>]+)>", mail["List-Unsubscribe"])
    return str(found)
