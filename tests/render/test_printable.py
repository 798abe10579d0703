"""Quoted-printable pieces: they decode to what went in, in any order, and keep every rule of a mail's lines."""

import quopri
import re

from hypothesis import example, given
from hypothesis import strategies as st

from digest.render.printable import PLAIN, encode, encode_plain

LINES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \t.=\n"), max_size=300)


@given(st.lists(LINES, max_size=6))
@example(["a" * 72 + "=", ".", "From here", " \n \n", "=" * 80])
@example(["é" * 100, "\n", ".\n.\n", "a\t\n"])
def test_pieces_decode_to_their_texts_joined(pieces: list[str]) -> None:
    coded = b"".join(encode(piece) for piece in pieces)
    assert quopri.decodestring(coded).replace(b"\r\n", b"\n").decode() == "".join(pieces)


@given(st.lists(LINES, max_size=6))
@example(["x" * 74, "." * 200, "From " * 40])
def test_every_line_is_fit_for_mail(pieces: list[str]) -> None:
    coded = b"".join(encode(piece) for piece in pieces)
    lines = coded.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert b"\n" not in coded.replace(b"\r\n", b"") and b"\r" not in coded.replace(b"\r\n", b"")
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert not any(line.endswith((b" ", b"\t")) for line in lines)
    assert coded.isascii()


@given(st.text(alphabet="From .x", min_size=1, max_size=160))
@example("x" * 73)
@example("x" * 73 + ".")
@example("x" * 73 + "From x")
@example("x" * 146)
@example("x" * 147)
@example(".x")
def test_a_plain_line_is_just_what_is_encoded_in_one_step(line: str) -> None:
    assert (re.fullmatch(PLAIN + ".+", line) is not None) == (encode_plain(line) == encode(line))


def test_a_lone_surrogate_does_not_stop_a_send() -> None:
    assert encode("a\ud800b") == b"a?b=\r\n"
