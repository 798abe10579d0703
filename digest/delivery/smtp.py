"""Hand-over to a mail relay by SMTP. smtplib makes the connection; the mail transaction on it is our own.

smtplib's `sendmail` does not tell a line lost before the final dot (nothing was taken) from one lost after it (who knows),
and waits for each reply in turn; here MAIL, RCPT and DATA travel together where the relay allows it (PIPELINING, RFC 2920).
"""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Self

from digest.delivery.mask import mask
from digest.delivery.transaction import commands, largest, stuffed
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.errors import TransportDown
from digest.settings import Smtp

CLOSING = 421  # RFC 5321 3.8: the relay closes the connection
LOGIN_WANTED = 530  # RFC 4954 6: said of us, not of the reader
KINDS = {2: OutcomeKind.ACCEPTED, 4: OutcomeKind.DEFERRED, 5: OutcomeKind.REFUSED}


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


class SmtpTransport:
    """One connection to a relay, made at the first message, kept, and renewed after `messages_per_connection`. For one thread."""

    idempotent = False

    def __init__(self, settings: Smtp, *, password: str = "", ca_file: str = "") -> None:
        self._settings = settings
        self._password = password
        self._ca_file = ca_file
        self._smtp: smtplib.SMTP | None = None
        self._handed_over = 0  # on this connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self._leave()
        else:
            self._drop()

    def send(self, envelope: Envelope) -> Outcome:
        if self._handed_over >= self._settings.messages_per_connection:
            self._leave()
        kept = self._smtp is not None
        outcome = self._hand_over(envelope)
        # A relay closes a kept connection when it likes. The message was not taken: a fresh connection may try at once.
        if kept and self._smtp is None and outcome.kind is OutcomeKind.DEFERRED:
            outcome = self._hand_over(envelope)
        return outcome

    def check(self) -> Relay:
        """Connects, secures and logs in as a send would, and says what was found. `TransportDown` says what is wrong."""
        smtp = self._connected()
        secured = smtp.sock.version() if isinstance(smtp.sock, ssl.SSLSocket) else None
        return Relay(
            host=self._settings.host,
            port=self._settings.port,
            tls=secured or "",
            authenticated=bool(self._settings.user),
            largest=largest(smtp.esmtp_features),
            pipelining=smtp.has_extn("pipelining"),
            utf8=smtp.has_extn("smtputf8"),
        )

    def _hand_over(self, envelope: Envelope) -> Outcome:
        smtp = self._connected()
        data = stuffed(envelope.data)
        try:
            steps = commands(smtp.esmtp_features, envelope, len(data))
        except ValueError as impossible:
            return Outcome(kind=OutcomeKind.REFUSED, text=str(impossible))
        try:
            if refusal := self._announce(smtp, steps):
                return self._refused(smtp, *refusal)
            smtp.send(data)
            smtp.send(b".\r\n")
        except smtplib.SMTPException:
            self._drop()
            return Outcome(kind=OutcomeKind.DEFERRED, text="the connection was lost before the message was handed over")
        return self._answer(smtp)

    def _announce(self, smtp: smtplib.SMTP, steps: tuple[bytes, ...]) -> tuple[int, bytes] | None:
        """MAIL, RCPT and DATA. None when the relay now waits for the message, else the first reply that says no."""
        together = smtp.has_extn("pipelining")
        refusal: tuple[int, bytes] | None = None
        if together:
            smtp.send(b"".join(steps))
        for step, good in zip(steps, (2, 2, 3), strict=True):
            if not together:
                smtp.send(step)
            code, words = smtp.getreply()
            if good == 3 and code == 354 and refusal:
                smtp.docmd(".")  # RFC 2920 3.1: it waits for a message to nobody, and gets an empty one
            elif code // 100 != good and not refusal:
                refusal = code, words
            if code == CLOSING or (refusal and not together):
                break
        return refusal

    def _refused(self, smtp: smtplib.SMTP, code: int, words: bytes) -> Outcome:
        if code == LOGIN_WANTED:
            self._drop()
            raise TransportDown(f"The relay {self._where} takes mail only after a login (530): set user and password_file in [delivery.smtp].")
        if code // 100 in (4, 5) and code != CLOSING:
            self._reset(smtp)
        else:
            self._drop()
        kind = OutcomeKind.REFUSED if code // 100 == 5 else OutcomeKind.DEFERRED
        return Outcome(kind=kind, code=max(code, 0), text=_said(words))

    def _answer(self, smtp: smtplib.SMTP) -> Outcome:
        """The reply to the final dot: from here on the relay may have the message, whatever becomes of the connection."""
        try:
            code, words = smtp.getreply()
        except smtplib.SMTPException:
            self._drop()
            return Outcome(kind=OutcomeKind.UNKNOWN, text="handed over, but the connection was lost before the relay answered")
        self._handed_over += 1
        kind = KINDS.get(code // 100, OutcomeKind.UNKNOWN)
        if code == CLOSING or kind is OutcomeKind.UNKNOWN:
            self._drop()
        return Outcome(kind=kind, code=max(code, 0), text=_said(words))

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except smtplib.SMTPAuthenticationError as error:
                raise TransportDown(f"The relay {self._where} refuses the user or the password ({error.smtp_code}).") from None
            except smtplib.SMTPNotSupportedError as error:
                raise TransportDown(f"The relay {self._where} cannot do what [delivery.smtp] asks for: {error}") from None
            except ssl.SSLCertVerificationError as error:
                raise TransportDown(
                    f"The certificate of the relay {self._where} is not to be trusted: {error.verify_message}. Nothing was sent. "
                    "Give the host by the name in its certificate, or the authority that signed it as ca_file in [delivery.smtp]."
                ) from None
            except (OSError, smtplib.SMTPException) as error:
                raise TransportDown(f"The relay {self._where} cannot be reached: {_reason(error)}.") from None
            self._handed_over = 0
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        given = self._settings
        if given.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                given.host, given.port, local_hostname=_our_name(), timeout=given.timeout_seconds, context=self._context()
            )
        else:
            smtp = smtplib.SMTP(given.host, given.port, local_hostname=_our_name(), timeout=given.timeout_seconds)
        try:
            if given.security == "starttls":
                smtp.starttls(context=self._context())  # without a context smtplib checks no certificate
            smtp.ehlo_or_helo_if_needed()
            if given.user:
                smtp.login(given.user, self._password)
            # The final dot is a packet of its own: Nagle's algorithm would hold it until the message is acknowledged.
            if smtp.sock:
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._ca_file or None)
        except OSError as error:
            raise TransportDown(f"The ca_file {self._ca_file} holds no certificates that can be read ({error.strerror}).") from None

    @property
    def _where(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except smtplib.SMTPException:
            self._drop()

    def _leave(self) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except smtplib.SMTPException:
                pass  # it has gone before us
            finally:
                self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None
        self._handed_over = 0


def _said(words: bytes) -> str:
    return mask(words.decode("utf-8", "replace"))


def _reason(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
        return f"it says {error.smtp_code} {_said(words)}".rstrip(". ")
    return mask(error.strerror or str(error)).rstrip(". ") or "no answer"


@cache
def _our_name() -> str:
    """Looked up once: it may cost a question to a name server."""
    return socket.getfqdn()
