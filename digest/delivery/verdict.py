"""Whom a relay's answer concerns: the reader, the reader's domain, the relay, or us as a sender. Pure.

What decides is the enhanced status code (RFC 3463) in the reply's text, then the reply code and the step it was given at.
"""

import re
from enum import StrEnum

from digest.delivery.values import Outcome, OutcomeKind, Step


class Verdict(StrEnum):
    FINE = "fine"  # nothing was said against anybody
    READER = "reader"  # this reader or this message; the others go on
    DOMAIN = "domain"  # the domain wants fewer mails for a while
    RELAY = "relay"  # the relay takes nothing for a while, or wants to be spoken to differently
    SENDER = "sender"  # it is refused for what we are or did: a person has to see to it. At MAIL it concerns every reader, later the domain


# A class, a subject, a detail; not part of an IP address or of a version.
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
# RFC 6647: greylisting tells one sender and one reader to come again, it does not ask for a slower pace.
GREYLISTED = re.compile(r"gr[ae]y-?list", re.IGNORECASE)
# Postfix, Exim, Sendmail, Exchange, in turn: a relay that does not take our mail for that domain. Said at RCPT, with 5.7.1 or no code of its own.
NOT_RELAYED = re.compile(r"relay access denied|relay not permitted|relaying denied|unable to relay", re.IGNORECASE)
# In turn: Outlook.com and Hotmail (their postmaster page), with 5.7.1 or SC-001; Postfix's default for a DNS block list, and Gmail, both with 5.7.1.
BLOCKED = re.compile(r"on our block list|\(S31[45]0\)|blocked using|unsolicited mail|low reputation", re.IGNORECASE)

# RFC 3207 4, RFC 4954 6: TLS or a login is wanted, or does not work just now.
ABOUT_THE_RELAY = frozenset({454, 530, 534, 535, 538})

# Subject and detail of 5.x.x that refuse the sender, whoever the reader is.
REFUSED_AS_SENDER = frozenset(
    {
        (1, 7),  # RFC 3463: bad sender's mailbox address syntax
        (1, 8),  # RFC 3463: bad sender's system address
        (7, 9),  # Yahoo, “not accepted for policy reasons”: the From domain's DMARC policy
        (7, 20),  # RFC 7372: no passing DKIM signature
        (7, 21),  # RFC 7372: no acceptable DKIM signature
        (7, 22),  # RFC 7372: no valid DKIM signature of the author's domain
        (7, 23),  # RFC 7372: SPF fails
        (7, 24),  # RFC 7372: SPF cannot be evaluated
        (7, 25),  # RFC 7372; Gmail: reverse DNS is missing or does not match
        (7, 26),  # RFC 7372; Gmail: several checks of the sender fail
        (7, 27),  # RFC 7505: the sender's domain takes no mail; Gmail: SPF does not pass
        (7, 28),  # IANA registry; Gmail: a flood of mail
        (7, 29),  # Gmail: not over TLS
        (7, 30),  # Gmail: DKIM does not pass
        (7, 31),  # Gmail: no DMARC policy
        (7, 32),  # Gmail: From is not aligned with SPF or DKIM
        (7, 54),  # Exchange: it does not relay for us
        (7, 64),  # Exchange Online: it does not relay for us
        (7, 501),  # Exchange Online: spam was seen, the sender is banned
        (7, 502),  # the same
        (7, 503),  # the same
        (7, 508),  # Exchange Online: too much from this network
        (7, 509),  # Exchange Online: DMARC fails, and its policy is to reject
        (7, 511),  # Exchange Online: banned sender
        (7, 515),  # Outlook.com, May 2025: the rules for 5,000 mails a day and more are not met
        *((7, detail) for detail in range(606, 650)),  # Exchange Online: the sending IP is banned
        (7, 703),  # Exchange Online: on the organisation's own block list
        (7, 705),  # Exchange Online: too much was sent
        (7, 708),  # Exchange Online: nothing is taken from this IP
        (7, 750),  # Exchange Online: the sending domain is not registered
    }
)
UNSPECIFIC = frozenset({None, (0, 0), (7, 0), (7, 1)})  # the words decide
READERS = frozenset({1, 2, 6})  # RFC 3463: subjects that are of one address, one mailbox, one message
OF_THE_SENDER = frozenset({(1, 7), (1, 8)})


def verdict(outcome: Outcome) -> Verdict:
    """Whom it concerns, so that only they are kept from going on."""
    if outcome.kind is OutcomeKind.HELD:
        return Verdict.SENDER
    if outcome.kind in (OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN):
        return Verdict.FINE
    if outcome.step is Step.CONNECT or outcome.code in ABOUT_THE_RELAY:
        return Verdict.RELAY
    if outcome.code // 100 not in (4, 5):  # nothing was said: the message cannot be sent so, or the connection was lost
        return Verdict.READER
    said = enhanced(outcome)
    return _put_off(outcome, said) if outcome.code < 500 else _refused(outcome, said)


def enhanced(outcome: Outcome) -> tuple[int, int] | None:
    """Subject and detail of the first enhanced status code that is of the reply's own class (RFC 2034 4)."""
    for kind, subject, detail in ENHANCED.findall(outcome.text):
        if int(kind) == outcome.code // 100:
            return int(subject), int(detail)
    return None


def _put_off(outcome: Outcome, said: tuple[int, int] | None) -> Verdict:
    if outcome.step is Step.MAIL:
        return Verdict.RELAY
    of_the_reader = said is not None and said[0] in READERS and said not in OF_THE_SENDER
    return Verdict.READER if of_the_reader or GREYLISTED.search(outcome.text) else Verdict.DOMAIN


def _refused(outcome: Outcome, said: tuple[int, int] | None) -> Verdict:
    if outcome.step is Step.MAIL:
        return Verdict.RELAY if said is not None and said[0] == 3 and said != (3, 4) else Verdict.SENDER
    if said in REFUSED_AS_SENDER:
        return Verdict.SENDER
    # Each line of a reply repeats the enhanced code, in the middle of a sentence.
    words = " ".join(ENHANCED.sub(" ", outcome.text).split())
    blamed = said in UNSPECIFIC and (NOT_RELAYED.search(words) or BLOCKED.search(words))
    return Verdict.SENDER if blamed else Verdict.READER
