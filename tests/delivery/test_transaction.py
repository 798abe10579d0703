"""What goes over the line for a message, as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.transaction import Offer, commands, mended, stuffed, transaction
from digest.delivery.values import Envelope
from tests.delivery.sending import DATA, STUFFED, envelope

messages = st.binary(max_size=200) | st.text(st.sampled_from(".\r\nab"), max_size=80).map(str.encode)


@given(messages)
def test_stuffed_message_reads_back_and_holds_no_end(data: bytes) -> None:
    lines = stuffed(mended(data)).split(b"\r\n")
    assert b"." not in lines and lines.pop() == b""
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    read = b"\r\n".join(line.removeprefix(b".") for line in lines)
    expected = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert read == expected.removesuffix(b"\r\n")


@given(messages, st.booleans())
def test_less_than_the_whole_of_the_content_is_never_a_whole_message(data: bytes, chunked: bool) -> None:
    made = transaction(Offer(), envelope(data=data), chunked=chunked)
    cut = b"".join(made.content)[: made.whole - 1]
    if chunked:
        head, _, octets = cut.partition(b"\r\n")
        assert len(octets) == int(head.split()[1]) - 1
        assert made.content[1] == mended(data)
    else:
        assert not (b"\r\n" + cut).endswith(b"\r\n.") and b"\r\n.\r\n" not in b"\r\n" + cut


@given(st.text(max_size=40), st.text(max_size=40))
def test_commands_are_one_line_each_or_refused(sender: str, recipient: str) -> None:
    try:
        lines = commands(Offer(utf8=True), Envelope(name="x", sender=sender, recipient=recipient, parts=()), 0)
    except ValueError:
        return
    assert [line.count(b"\n") for line in lines] == [line.count(b"\r\n") for line in lines] == [1, 1]


def test_clean_message_is_not_copied() -> None:
    data = b"Subject: x\r\n\r\nclean\r\n"
    assert transaction(Offer(), envelope(data=data, clean=True)).content[0] is data
    parts = (b"Subject: x\r\n", b"\r\nclean\r\n")
    made = transaction(Offer(), Envelope(name="x", sender="a@example.com", recipient="b@example.com", parts=parts, clean=True))
    assert (made.content, made.whole) == ((*parts, b".\r\n"), len(b"".join(parts)) + 1)
    assert transaction(Offer(), envelope(), chunked=False).content == (STUFFED, b".\r\n")
    assert transaction(Offer(chunking=True), envelope(), chunked=True).content == (b"BDAT %d LAST\r\n" % len(DATA), DATA)


ALL = Offer.of({"pipelining": "", "chunking": "", "8bitmime": "", "smtputf8": "", "size": "1000"})
OPTIONS = [
    (Offer(), "ann@example.com", DATA, b""),
    (ALL, "ann@example.com", DATA, b" SIZE=%d" % len(DATA)),
    (ALL, "ann@example.com", "ü\r\n".encode(), b" SIZE=4 BODY=8BITMIME"),
    (ALL, "jörg@example.com", b"x\r\n", b" SIZE=3 SMTPUTF8"),
    (ALL, "ann@bücher.example", b"x\r\n", b" SIZE=3"),
    (Offer(), "ann@example.com", "ü\r\n".encode(), b""),
]


@pytest.mark.parametrize(("offer", "recipient", "data", "options"), OPTIONS)
def test_mail_says_what_the_message_needs_and_the_relay_knows(offer: Offer, recipient: str, data: bytes, options: bytes) -> None:
    mail, rcpt = commands(offer, envelope(recipient, data), len(data))
    assert mail == b"MAIL FROM:<letters@example.com>" + options + b"\r\n"
    assert rcpt == f"RCPT TO:<{recipient.replace('bücher', 'xn--bcher-kva')}>\r\n".encode()


@pytest.mark.parametrize("size", ["", "0", "much"])
def test_limit_that_is_no_number_is_none(size: str) -> None:
    assert Offer.of({"size": size}).largest == 0
    assert not Offer.of({}).pipelining and ALL.pipelining and ALL.chunking
