"""Whom an answer concerns. The replies are as the providers say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.mask import mask
from digest.delivery.values import Outcome, OutcomeKind, Step
from digest.delivery.verdict import Verdict, enhanced, verdict

LATER = (Step.RCPT, Step.DATA, Step.END)


def said(reply: str, step: Step | None = Step.RCPT) -> Outcome:
    """An outcome as the transport makes it of a whole reply, its lines parted by line ends."""
    lines = reply.split("\n")
    code = int(lines[0][:3])
    kind = OutcomeKind.DEFERRED if code < 500 else OutcomeKind.REFUSED
    return Outcome(kind=kind, code=code, text=mask("\n".join(line[4:] for line in lines)), step=step)


@pytest.mark.parametrize(
    "reply",
    [
        "550 5.7.515 Access denied, sending domain example.org does not meet the required authentication level.",
        "550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires SPF or DKIM.\n550 5.7.26 x - gsmtp",
        "550-5.7.25 [192.0.2.7] The IP address sending this message does not have a PTR record\n550 5.7.25 setup. - gsmtp",
        "550 5.7.27 SPF did not pass for this message",
        "550 5.7.29 This message was not sent over a TLS connection",
        "550 5.7.30 DKIM did not pass for this message",
        "550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification and has a DMARC policy of reject.",
        "550 5.7.606 Access denied, banned sending IP [192.0.2.7].",
        "550 5.7.649 Access denied, banned sending IP [192.0.2.7].",
        "550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Part of their network is on our block list (S3150).",
        "550 SC-001 (BAY004-MC4F49) Unfortunately, messages from 192.0.2.7 weren't sent since part of their network is on our block\n550 list.",
        "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.dnsbl.example",
        "550-5.7.1 [192.0.2.7] Gmail has detected that this message is likely unsolicited\n550-5.7.1 mail. - gsmtp",
        "550 5.7.1 this message is suspicious due to the very low reputation of the sending domain. - gsmtp",
        "554 5.7.1 <reader@example.com>: Relay access denied",
        "550 relay not permitted",
        "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        "550 5.7.23 The message was rejected because of a failed SPF check",
        "550 5.7.20 No passing DKIM signature found",
        "554 5.7.9 Message not accepted for policy reasons.",
        "553 5.1.8 <news@example.org>: Sender address rejected: Domain not found",
    ],
)
@pytest.mark.parametrize("step", LATER)
def test_08_refused_for_what_we_are(reply: str, step: Step) -> None:
    assert verdict(said(reply, step)) is Verdict.SENDER


@pytest.mark.parametrize(
    "reply",
    [
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1 double-checking the address - gsmtp",
        "550 5.2.1 The email account that you tried to reach is disabled.",
        "552 5.2.2 The email account that you tried to reach is over quota",
        "452 4.2.2 The email account that you tried to reach is over quota",
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly",
        "450 4.2.0 <reader@example.com>: Recipient address rejected: Greylisted, see the help page",
        "451 4.7.1 Greylisting in action, please come back later",
        "450 4.1.1 <reader@example.com>: Recipient address rejected: unverified address",
        "550 5.7.1 This message violates the organisation's policy",
        "550 no such user",
        "554 5.4.1 Recipient address rejected: Access denied",
        "550 5.1.1 <reader@example.com>: undeliverable address: host mx.example.com said: 554 5.7.1 Relay access denied",
        "550 mailbox unavailable at 5.7.26.1 and 15.7.26, version 4.94.2",
        "550 4.7.26 of the wrong class",
    ],
)
@pytest.mark.parametrize("step", LATER)
def test_refused_or_put_off_for_who_the_reader_is(reply: str, step: Step) -> None:
    assert verdict(said(reply, step)) is Verdict.READER


@pytest.mark.parametrize(
    "reply",
    [
        "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints",
        "421-4.7.28 Our system has detected an unusual rate of unsolicited mail\n421 4.7.28 originating from your IP address. - gsmtp",
        "421 4.7.30 rate limited: DKIM did not pass",
        "451 4.7.500 Server busy. Please try again later from [192.0.2.7].",
        "451 4.3.2 Internal server error",
        "421 Service not available, closing transmission channel",
        "450 try again later",
        "450 4.1.8 <news@example.org>: Sender address rejected: Domain not found",
        "451 4.4.1 connection timed out",
    ],
)
@pytest.mark.parametrize("step", LATER)
def test_27_the_domain_wants_fewer(reply: str, step: Step) -> None:
    assert verdict(said(reply, step)) is Verdict.DOMAIN


@pytest.mark.parametrize(
    ("reply", "step"),
    [
        ("421 too many connections", Step.CONNECT),
        ("554 no SMTP service here", Step.CONNECT),
        ("421 4.7.0 try again later", Step.MAIL),
        ("452 4.3.1 Insufficient system storage", Step.MAIL),
        ("451 4.3.5 Server configuration error", Step.MAIL),
        ("550 5.3.2 System not accepting network messages", Step.MAIL),
        ("530 5.7.0 Authentication required", Step.MAIL),
        ("530 5.7.0 Must issue a STARTTLS command first", Step.RCPT),
        ("535 5.7.8 Authentication credentials invalid", Step.MAIL),
        ("454 4.7.0 Temporary authentication failure", Step.MAIL),
    ],
)
def test_the_relay_takes_nothing(reply: str, step: Step) -> None:
    assert verdict(said(reply, step)) is Verdict.RELAY


@pytest.mark.parametrize(
    "reply",
    ["550 5.7.1 Sender not authorised", "553 5.1.8 Sender address rejected", "501 5.1.7 Bad sender address syntax", "552 5.3.4 Message too big"],
)
def test_the_relay_rejects_the_sender(reply: str) -> None:
    assert verdict(said(reply, Step.MAIL)) is Verdict.SENDER


def test_without_a_reply_only_a_failed_connection_concerns_the_relay() -> None:
    assert verdict(Outcome(kind=OutcomeKind.DEFERRED, text="cannot be reached", step=Step.CONNECT)) is Verdict.RELAY
    assert verdict(Outcome(kind=OutcomeKind.DEFERRED, text="the connection was lost")) is Verdict.READER
    assert verdict(Outcome(kind=OutcomeKind.REFUSED, text="no address that can be sent to")) is Verdict.READER
    assert verdict(Outcome(kind=OutcomeKind.UNKNOWN, text="no answer")) is Verdict.FINE


def test_what_is_held_already_was_refused_as_a_sender() -> None:
    assert verdict(Outcome(kind=OutcomeKind.HELD, code=550, text="5.7.515 Access denied", step=Step.END)) is Verdict.SENDER


@given(st.sampled_from(OutcomeKind), st.integers(0, 999), st.text(max_size=400), st.sampled_from([None, *Step]))
def test_every_answer_has_a_verdict(kind: OutcomeKind, code: int, text: str, step: Step | None) -> None:
    found = verdict(Outcome(kind=kind, code=code, text=text, step=step))
    assert (found is Verdict.FINE) == (kind in (OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN))
    if 400 <= code < 500 and kind is OutcomeKind.DEFERRED:
        assert found is not Verdict.SENDER  # a temporary failure is no reason to wait for a person


@given(st.sampled_from([4, 5]), st.integers(0, 9), st.integers(0, 999), st.text(alphabet="abc :[]()-\n", max_size=30))
def test_the_enhanced_code_is_found_in_the_first_line_or_a_later_one(kind: int, subject: int, detail: int, words: str) -> None:
    outcome = Outcome(kind=OutcomeKind.REFUSED, code=kind * 100 + 50, text=f"{words} {kind}.{subject}.{detail} {words}")
    assert enhanced(outcome) == (subject, detail)
