"""Mail transactions on one SMTP connection, with as few waits and as little work for each as the relay allows.

PIPELINING (RFC 2920): MAIL, RCPT and DATA travel together, and those of the next message behind the final dot of this one, in the same write. What
is announced so cannot be taken back: after a 354 even a lone dot would deliver an empty mail. Then only the connection can be given up.

CHUNKING (RFC 3030): BDAT saves the wait for the answer to DATA, so it is used where there is no PIPELINING: three waits a message, not four. Where
both are offered it saves none: on Postfix 3.7, 32 KB, four connections, DATA announced ahead made 690–1,360 messages/s and BDAT announced ahead
720–970; without PIPELINING BDAT made 660–770 and DATA 570–790. MAIL, RCPT, BDAT and content in one write would save one more wait at a connection's
first message, but a kept line that is lost then would leave a doubt where now the message goes over another.
"""

from digest.delivery.dialogue import Dialogue, Lost, Reply
from digest.delivery.mask import mask
from digest.delivery.steps import Steps
from digest.delivery.transaction import Offer, Transaction, transaction
from digest.delivery.values import Envelope, Outcome, OutcomeKind, Step
from digest.settings import Smtp

CLOSING = 421  # RFC 5321 3.8: the relay closes the connection
BAD_SEQUENCE = 503
GOOD = ((Step.MAIL, 2), (Step.RCPT, 2), (Step.DATA, 3))
KINDS = {2: OutcomeKind.ACCEPTED, 4: OutcomeKind.DEFERRED, 5: OutcomeKind.REFUSED}


class NotBegun(Exception):
    """The connection is given up, and nothing of the message's content went over it: over another it may be tried at once."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


class Exchange:
    """One connection's transactions. `handed_over` counts the messages that were answered, `open` is False once it is of no more use, and `misled`
    True where the relay seems not to keep what it says of PIPELINING."""

    def __init__(self, dialogue: Dialogue, offer: Offer, settings: Smtp, *, pipelined: bool) -> None:
        self.dialogue = dialogue
        self.offer = offer
        self.handed_over = 0
        self.open = True
        self.misled = False
        self._settings = settings
        self._pipelined = pipelined and offer.pipelining
        self._chunked = offer.chunking and not offer.pipelining
        self._announced: Transaction | None = None
        self._owed = 0  # replies that concern no message: to RSET, and to the end of a message to nobody

    def hand_over(self, envelope: Envelope, following: Envelope | None = None) -> Steps[Outcome]:
        """What became of the message; `following` is announced where that is possible. `NotBegun` when the connection failed before the content."""
        try:
            message = self._transaction(envelope)
        except ValueError as impossible:
            return Outcome(kind=OutcomeKind.REFUSED, text=str(impossible))
        refusals = None if self._awaited(message) else (yield from self._announce(message))
        after = self._announceable(following)
        if refusals:
            yield from self._clear_up(refusals, after)
            return next(iter(refusals.values()))
        return (yield from self._give(message, after))

    def leave(self) -> Steps[None]:
        """Says goodbye, unless something is announced, and closes."""
        try:
            if self._announced is None:
                yield from self.dialogue.write(self._settings.timeout_seconds, b"QUIT\r\n")
                for _ in range(self._owed + 1):
                    yield from self.dialogue.reply(self._settings.timeout_seconds)
        except Lost:
            pass  # it has gone before us
        finally:
            self.close()

    def close(self) -> None:
        self.open = False
        self._announced = None
        self.dialogue.close()

    def _transaction(self, envelope: Envelope) -> Transaction:
        if self._announced is not None and self._announced.envelope is envelope:
            return self._announced
        return transaction(self.offer, envelope, chunked=self._chunked)

    def _announceable(self, following: Envelope | None) -> Transaction | None:
        if following is None or not self._pipelined:
            return None
        try:
            return transaction(self.offer, following)
        except ValueError:
            return None  # its own call says why

    def _awaited(self, message: Transaction) -> bool:
        """Whether the message went ahead, and the relay has said no more than that it waits for the content: nearly always so."""
        if self._announced is not message or self._owed or not self.dialogue.heard_all_well():
            return False
        self._announced = None
        return True

    def _announce(self, message: Transaction) -> Steps[dict[Step, Outcome]]:
        """MAIL, RCPT and DATA, if they have not gone ahead. Empty when the relay now waits for the content, else what it said no to."""
        announced, self._announced = self._announced, None
        if announced is None:
            if self.dialogue.unread and not self._owed:
                raise self._given_up("the relay spoke out of turn")
            if self._pipelined:
                yield from self._say(*message.commands)
        elif announced.commands != message.commands:
            raise self._given_up("another message was announced")
        while self._owed:
            self._owed -= 1
            code, words = yield from self._reply(doubtful=False, first=True)
            if code == CLOSING or code // 100 not in KINDS:
                raise self._given_up(_said(words), code=code)
        refusals = yield from self._answers(message, ahead=announced is not None)
        if not refusals and self.dialogue.unread:  # it would be taken for the answer to the content
            raise self._given_up("the relay spoke out of turn")
        return refusals

    def _answers(self, message: Transaction, *, ahead: bool) -> Steps[dict[Step, Outcome]]:
        refusals: dict[Step, Outcome] = {}
        for command, (step, good) in zip(message.commands, GOOD, strict=False):
            if not self._pipelined:
                yield from self._say(command)
            doubtful = self._pipelined and (ahead or step is not Step.MAIL)
            code, words = self.dialogue.heard() or (yield from self._reply(doubtful=doubtful, first=step is Step.MAIL))
            if code // 100 == good:
                continue
            nonsense = code // 100 not in (4, 5) or (code == BAD_SEQUENCE and doubtful and not refusals)
            if nonsense or code == CLOSING:
                self.misled = doubtful and nonsense
                raise self._given_up(_said(words), code=code, step=step)
            refusals[step] = _outcome(code, words, step)
            if not self._pipelined:
                break
        return refusals

    def _clear_up(self, refusals: dict[Step, Outcome], after: Transaction | None) -> Steps[None]:
        """Ends the refused transaction. The answers are read with those to the next message, where the relay allows it."""
        waits = self._pipelined and Step.DATA not in refusals
        if waits and Step.RCPT not in refusals:
            self.close()  # it took a reader, though not the sender: a lone dot might deliver an empty mail
            return
        # RFC 2920 3.1: a relay that said 354 although no recipient was taken waits for a message to nobody.
        dot = (b".\r\n",) if waits else ()
        try:
            yield from self.dialogue.write(self._settings.timeout_seconds, *dot, b"RSET\r\n", *(after.commands if after else ()))
            if self._pipelined:
                self._owed, self._announced = len(dot) + 1, after
            else:
                yield from self.dialogue.reply(self._settings.timeout_seconds)
        except Lost:
            self.close()

    def _give(self, message: Transaction, after: Transaction | None) -> Steps[Outcome]:
        try:
            yield from self.dialogue.write(self._settings.answer_seconds, *message.content, *(after.commands if after else ()))
        except Lost as lost:
            return (yield from self._broken_off(lost, whole=lost.taken >= message.whole))
        self._announced = after
        try:
            code, words = yield from self.dialogue.reply(self._settings.answer_seconds)
        except Lost as lost:
            self.misled = lost.silent and after is not None
            self.close()
            return _doubt(lost)
        self.handed_over += 1
        outcome = _outcome(code, words, Step.END)
        if code == CLOSING or outcome.kind is OutcomeKind.UNKNOWN:
            self.close()
        elif self._chunked and outcome.kind is not OutcomeKind.ACCEPTED:
            yield from self._clear_up({Step.END: outcome}, None)  # RFC 3030 2: after a BDAT that failed only RSET makes sure
        return outcome

    def _broken_off(self, lost: Lost, *, whole: bool) -> Steps[Outcome]:
        """The content could not be written to its end. Unless the relay said why before it went, what the system took decides."""
        outcome = _doubt(lost) if whole else Outcome(kind=OutcomeKind.DEFERRED, text=_too_early(lost))
        if not lost.silent:
            try:
                said = _outcome(*(yield from self.dialogue.reply(self._settings.timeout_seconds)), Step.END)
            except Lost:
                said = outcome
            if said.kind is not OutcomeKind.UNKNOWN and (whole or said.kind is not OutcomeKind.ACCEPTED):
                outcome = said
        self.close()
        return outcome

    def _say(self, *commands: bytes) -> Steps[None]:
        try:
            yield from self.dialogue.write(self._settings.timeout_seconds, *commands)
        except Lost as lost:
            raise self._given_up(_too_early(lost)) from lost

    def _reply(self, *, doubtful: bool, first: bool) -> Steps[Reply]:
        """`doubtful` where a relay that only says it can PIPELINING would fall silent."""
        try:
            return (yield from self.dialogue.reply(self._settings.timeout_seconds))
        except Lost as lost:
            self.misled = doubtful and (lost.silent or not first)
            raise self._given_up(_too_early(lost)) from lost

    def _given_up(self, text: str, *, code: int = 0, step: Step | None = None) -> NotBegun:
        self.close()
        return NotBegun(Outcome(kind=OutcomeKind.DEFERRED, code=code, text=text, step=step))


def _outcome(code: int, words: bytes, step: Step) -> Outcome:
    return Outcome(KINDS.get(code // 100, OutcomeKind.UNKNOWN), code, _said(words), step)


def _doubt(lost: Lost) -> Outcome:
    return Outcome(kind=OutcomeKind.UNKNOWN, text=f"handed over, but {lost} before there was an answer")


def _too_early(lost: Lost) -> str:
    return f"{lost} before the message was handed over"


def _said(words: bytes) -> str:
    text = words.decode("utf-8", "replace")
    # Nearly every reply is a short line without an address.
    return text if len(text) <= 300 and "@" not in text and text.isprintable() else mask(text)
