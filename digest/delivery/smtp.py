"""The way to a mail relay by SMTP: smtplib connects, secures and logs in, and the mail transactions are our own (see `exchange`).

smtplib's `sendmail` does not tell a line lost before the final dot (nothing was taken) from one lost after it (who knows), and waits for each reply
in turn.
"""

import smtplib
import socket
import ssl
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Self

from digest.delivery.dialogue import Dialogue, Lost
from digest.delivery.exchange import Exchange, NotBegun
from digest.delivery.mask import mask
from digest.delivery.steps import Steps, finish, in_background
from digest.delivery.transaction import Offer
from digest.delivery.values import Envelope, Outcome, Step
from digest.errors import TransportDown
from digest.settings import Smtp

LOGIN_WANTED = 530  # RFC 4954 6: said of us, not of the reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """What was found of a relay. `tls` is the protocol's version, empty without; `largest` is in bytes, 0 where there is no limit."""

    host: str
    port: int
    tls: str
    authenticated: bool
    largest: int
    pipelining: bool
    utf8: bool
    chunking: bool = False


class SmtpTransport:
    """One connection to a relay, made at the first message, kept, and renewed after `messages_per_connection`. For one thread."""

    def __init__(self, settings: Smtp, *, password: str = "", ca_file: str = "") -> None:
        self._settings = settings
        self._password = password
        self._ca_file = ca_file
        self._exchange: Exchange | None = None
        self._pipelined = True  # until the relay is found not to keep its word
        self._trusted: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                finish(self.leave())
        finally:
            self.close()

    def hand_over(self, envelope: Envelope, following: Envelope | None = None) -> Steps[Outcome]:
        """As `Transport.hand_over`. A connection that failed before the content is replaced at once: a kept one may have been closed by the relay
        meanwhile, and a relay that did not keep its word about PIPELINING is spoken to command by command."""
        while True:
            before = self._exchange
            exchange = self._kept or (yield from self._connected())
            last = exchange.handed_over + 1 >= self._settings.messages_per_connection
            try:
                outcome = yield from exchange.hand_over(envelope, None if last else following)
            except NotBegun as failed:
                self._pipelined = self._pipelined and not exchange.misled
                if exchange is not before and not exchange.misled:
                    return failed.outcome
                continue
            self._pipelined = self._pipelined and not exchange.misled
            if outcome.code == LOGIN_WANTED and outcome.step is not Step.END:
                exchange.close()
                raise TransportDown(f"The relay {self._where} takes mail only after a login (530): set user and password_file in [delivery.smtp].")
            return outcome

    def leave(self) -> Steps[None]:
        if self._exchange is not None and self._exchange.open:
            yield from self._exchange.leave()

    def close(self) -> None:
        if self._exchange is not None:
            self._exchange.close()

    def check(self) -> Relay:
        """Connects, secures and logs in as a hand-over would, and says what was found. `TransportDown` says what is wrong."""
        exchange = self._kept or finish(self._connected())
        return Relay(
            host=self._settings.host,
            port=self._settings.port,
            tls=exchange.dialogue.tls,
            authenticated=bool(self._settings.user),
            largest=exchange.offer.largest,
            pipelining=exchange.offer.pipelining,
            utf8=exchange.offer.utf8,
            chunking=exchange.offer.chunking,
        )

    @property
    def _kept(self) -> Exchange | None:
        """The connection there is, as long as it is open and its time not over."""
        exchange = self._exchange
        good = exchange is not None and exchange.open and exchange.handed_over < self._settings.messages_per_connection
        return exchange if good else None

    def _connected(self) -> Steps[Exchange]:
        """A new connection; one whose time is over is left."""
        if self._exchange is not None and self._exchange.open:
            yield from self._exchange.leave()
        opening = in_background(self._opened)
        try:
            dialogue, offer = yield opening
        except BaseException:
            opening.add_done_callback(_let_go)  # given up while it was under way
            raise
        self._exchange = Exchange(dialogue, offer, self._settings, pipelined=self._pipelined)
        return self._exchange

    def _opened(self) -> tuple[Dialogue, Offer]:
        try:
            return self._open()
        except smtplib.SMTPNotSupportedError as error:
            raise TransportDown(f"The relay {self._where} cannot do what [delivery.smtp] asks for: {error}") from None
        except ssl.SSLCertVerificationError as error:
            raise TransportDown(
                f"The certificate of the relay {self._where} is not to be trusted: {error.verify_message}. Nothing was sent. "
                "Give the host by the name in its certificate, or the authority that signed it as ca_file in [delivery.smtp]."
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code // 100 == 5:
                raise TransportDown(f"The relay {self._where} refuses the user or the password ({error.smtp_code}).") from None
            raise TransportDown(f"The relay {self._where} cannot be reached: {_reason(error)}.") from None

    def _open(self) -> tuple[Dialogue, Offer]:
        given = self._settings
        if given.security == "tls":
            smtp: _Opening = _SecuredOpening(
                given.host, given.port, local_hostname=_our_name(), timeout=given.timeout_seconds, context=self._context()
            )
        else:
            smtp = _Opening(given.host, given.port, local_hostname=_our_name(), timeout=given.timeout_seconds)
        try:
            if given.security == "starttls":
                smtp.starttls(context=self._context())  # without a context smtplib checks no certificate
            smtp.ehlo_or_helo_if_needed()
            if given.user:
                self._log_in(smtp)
            dialogue = smtp.dialogue()
            # The next message may be written before the last bytes of this one are acknowledged: Nagle's algorithm would hold it until then.
            dialogue.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            dialogue.line.settimeout(0)
        except BaseException:
            smtp.close()
            raise
        return dialogue, Offer.of(smtp.esmtp_features)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.login(self._settings.user, self._password)
        except UnicodeEncodeError:
            raise TransportDown(f"The user or the password for the relay {self._where} has letters beyond ASCII, which cannot be sent.") from None

    def _context(self) -> ssl.SSLContext:
        """Made once: reading all authorities' certificates costs milliseconds."""
        if self._trusted is None:
            try:
                self._trusted = ssl.create_default_context(cafile=self._ca_file or None)
            except OSError as error:
                raise TransportDown(f"The ca_file {self._ca_file} holds no certificates that can be read ({error.strerror}).") from None
        return self._trusted

    @property
    def _where(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"


class _Opening(smtplib.SMTP):
    """smtplib up to the login, reading its replies as we do: whole against a deadline, and with nothing left over in a buffer of its own."""

    _dialogue: Dialogue | None = None

    def dialogue(self) -> Dialogue:
        """On the present socket. What was said in the clear before STARTTLS is forgotten: it may be anybody's."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection was lost")
        if self._dialogue is None or self._dialogue.line is not self.sock:
            self._dialogue = Dialogue(self.sock)
        return self._dialogue

    def getreply(self) -> tuple[int, bytes]:
        dialogue = self.dialogue()
        dialogue.line.settimeout(0)
        try:
            reply = finish(dialogue.reply(self.timeout))
        except Lost as lost:
            self.close()
            raise smtplib.SMTPServerDisconnected(str(lost)) from lost
        dialogue.line.settimeout(self.timeout)  # for what smtplib writes
        return reply


class _SecuredOpening(_Opening, smtplib.SMTP_SSL):
    pass


def _let_go(opening: Future[tuple[Dialogue, Offer]]) -> None:
    if not opening.exception():
        opening.result()[0].close()


def _reason(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
        said = mask(words.decode("utf-8", "replace"))
        return f"it says {error.smtp_code} {said}".rstrip(". ") if error.smtp_code else f"what it says is no SMTP ({said})"
    return mask(error.strerror or str(error)).rstrip(". ") or "no answer"


@cache
def _our_name() -> str:
    """Looked up once: it may cost a question to a name server."""
    return socket.getfqdn()
