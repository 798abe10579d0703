"""Replies as a relay says them, read one by one and all at once."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.dialogue import Dialogue, Reply
from digest.delivery.steps import finish

ends = st.sampled_from([b"\r\n", b"\n", b"\r\r\n", b""])
codes = st.sampled_from([b"250", b"251", b"354", b"450", b"550", b"421", b"25", b"2500", b"\xb2\xb2\xb2", b""])
words = st.sampled_from([b"", b" ", b" 2.1.0 Ok", b" go on\rnow", b"-more to come", b"-", b"x", b"\r", b"\t"])
said = st.lists(st.tuples(codes, words, ends).map(b"".join), min_size=1, max_size=5).map(b"".join)


def heard(text: bytes) -> Dialogue:
    """A dialogue that has received the text behind a reply that was asked for."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        dialogue = Dialogue(ours)
        theirs.sendall(b"250 first\r\n" + text)
        assert finish(dialogue.reply(5)) == (250, b"first")
    return dialogue


def one_by_one(dialogue: Dialogue) -> list[Reply]:
    return list(iter(dialogue.heard, None))


@given(said)
def test_what_is_all_well_at_one_look_is_so_reply_by_reply(text: bytes) -> None:
    careful, quick = heard(text), heard(text)
    replies = one_by_one(careful)
    well = [code // 100 for code, _ in replies] == [2, 2, 3] and not careful.unread
    if quick.heard_all_well():
        assert well and not quick.unread
    else:
        assert one_by_one(quick) == replies


@pytest.mark.parametrize(
    ("text", "well"),
    [
        (b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n", True),
        (b"250\n250\n354\n", True),
        (b"250 Ok\r\n250 Ok\r\n", False),
        (b"250 Ok\r\n550 nobody\r\n354 go on\r\n", False),
        (b"250 Ok\r\n250 Ok\r\n354 go on\r\n250 and more\r\n", False),
        (b"250-Ok\r\n250 Ok\r\n250 Ok\r\n354 go on\r\n", False),
    ],
)
def test_the_answers_to_a_message_that_went_ahead(text: bytes, well: bool) -> None:
    dialogue = heard(text)
    assert dialogue.heard_all_well() is well
    assert dialogue.unread is not well
