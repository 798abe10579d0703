"""What an envelope promises of its message holds, whoever the reader is: nothing looks through it again on its way to the relay."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.values import Envelope
from digest.editions.store import Bytes
from digest.personal import SAMPLE, Writer
from digest.render.compiled import Block, CompiledEdition, Gap, Hole, Place
from digest.settings import parse

HEADERS = b"From: <letters@example.com>\r\nSubject: x\r\n"
GAPS = tuple(Gap(hole=hole, place=place) for hole in Hole for place in Place)
PIECES = (b"Hello\r\n", *(piece for gap in GAPS for piece in (gap, b"and\r\n")))
BODY = CompiledEdition(subject="x", content_type="text/plain", blocks=(Block(id="frame", within=(), pieces=PIECES, html_bytes=0),))
SETTINGS = {"pages": {"url": "https://example.com"}, "newsletters": {"weekly": {"title": "Weekly", "from_address": "letters@example.com"}}}


def writer(headers: bytes = HEADERS) -> Writer:
    settings = parse(SETTINGS, folder=Path())
    slot = datetime(2026, 11, 23, 7, tzinfo=UTC)
    return Writer(settings.newsletter("weekly"), settings, keys=["key"], slot=slot, stored=Bytes(headers=headers, body=BODY.to_bytes()))


def is_clean(envelope: Envelope) -> bool:
    data = envelope.data
    ended = data.endswith(b"\r\n") and data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r")
    return ended and b"\n." not in data and not data.startswith(b".")


@given(st.text(max_size=200))
def test_whatever_a_reader_is_called_the_message_is_clean_and_of_seven_bits(name: str) -> None:
    written = writer().envelope(SAMPLE._replace(name=name))
    assert written.clean and is_clean(written)
    assert written.seven_bit and written.data.isascii()


@pytest.mark.parametrize(("headers", "address"), [(HEADERS, "jürgen@example.com"), (HEADERS + "X: jürgen\r\n".encode(), "ann@example.com")])
def test_letters_beyond_ascii_in_an_address_are_told(headers: bytes, address: str) -> None:
    written = writer(headers).envelope(SAMPLE._replace(address=address))
    assert not written.seven_bit and not written.data.isascii()
    assert is_clean(written)
