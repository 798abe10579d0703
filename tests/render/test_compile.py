"""From a drawn page to bytes, and from bytes to one reader's mail."""

import html
import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.errors import DatabaseError, TemplateError
from digest.render.compile import compile_edition
from digest.render.compiled import CompiledEdition, Hole, Place
from digest.render.draw import Drawn
from digest.render.fill import Filler, escape, fill
from digest.render.marks import Marks
from digest.render.parts import Parts
from digest.render.printable import encode
from tests.render.filling import VALUES, compiled, parts
from tests.render.sample_edition import LEAD, look, sample_edition

KEY = "0123456789"
MARKS = Marks(key=KEY)
LEAVE = MARKS.hole(Hole.UNSUBSCRIBE)

ANYWHERE = [hole for hole in Hole if hole is not Hole.NUMBER]
PAGES = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=120) | st.sampled_from(ANYWHERE), max_size=12)
HOSTILE = [
    "Ann\r\nBcc: everybody@reader.example",
    "=3D=\r\n=20",
    ".\r\n.\r\n",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a" * 300,
    "🐑" * 60,
    "\u202eאבג\u2066",
    f"NLx{KEY}xUNSUBSCRIBEx",
    "{{ holes.view }}",
]
READERS = st.fixed_dictionaries({hole: st.text(max_size=120) | st.sampled_from(HOSTILE) for hole in ANYWHERE})


def drawn(html_part: str = "", text_part: str = "") -> Drawn:
    return Drawn(html=f'{html_part}<a href="{LEAVE}">x</a>\n', text=f"{text_part}{LEAVE}\n", subject="S", key=KEY)


def put_in(page: str, place: Place, values: dict[Hole, str]) -> str:
    """What filling has to come to: each mark replaced by the value escaped for its place."""
    for hole, value in values.items():
        page = page.replace(f'href="{MARKS.hole(hole)}"', f'href="{escape(value, Place.LINK)}"') if place is Place.HTML else page
    return re.sub(f"NLx{KEY}x([A-Z]+)x", lambda found: escape(values[Hole[found[1]]], place), page)


@settings(max_examples=50)
@given(html_part=PAGES, text_part=PAGES, values=READERS)
@example(html_part=[Hole.GREETING], text_part=["."], values=dict(zip(ANYWHERE, HOSTILE, strict=False)))
@example(html_part=["é" * 80, Hole.ADDRESS], text_part=[Hole.VIEW], values=dict(zip(ANYWHERE, [*HOSTILE[5:], *HOSTILE], strict=False)))
def test_filling_is_replacing(html_part: list[str | Hole], text_part: list[str | Hole], values: dict[Hole, str]) -> None:
    def page(pieces: list[str | Hole]) -> str:
        return "".join(MARKS.hole(piece) if isinstance(piece, Hole) else piece for piece in pieces)

    made = drawn(html.escape(page(html_part)), page(text_part))
    edition = compile_edition(made)
    titles = {hole: values[hole] for hole in (Hole.SUBJECT, Hole.PREHEADER)}
    body = Filler(Parts(edition), titles=titles).fill(values)
    text, shown = parts(edition.content_type, body)
    # Values are read back as the parser gives them: lone surrogates became question marks.
    expected = [put_in(page, place, values) for page, place in ((made.text, Place.TEXT), (made.html, Place.HTML))]
    assert [text, shown] == [one.encode("utf-8", "replace").decode() for one in expected]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert Filler(Parts(CompiledEdition.from_bytes(edition.to_bytes())), titles=titles).fill(values) == body


def test_a_value_can_leave_neither_its_line_nor_its_attribute() -> None:
    values = {
        **VALUES,
        Hole.GREETING: HOSTILE[0],
        Hole.ADDRESS: HOSTILE[3],
        Hole.UNSUBSCRIBE: 'https://p.example/"><b>\n',
        Hole.VIEW: "https://p.example/ü",
    }
    edition = compiled(sample_edition(), look())
    text, page = parts(edition.content_type, fill(edition, values))
    assert "Ann Bcc: everybody@reader.example\n" in text
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="https://p.example/%22%3E%3Cb%3E"' in page
    assert 'href="https://p.example/%C3%BC"' in page


def test_the_body_is_text_then_html_and_equal_every_time() -> None:
    first, second = (compiled(sample_edition(), look()) for _ in range(2))
    assert first == second
    assert first.to_bytes() == second.to_bytes()
    assert first.subject == "The last ferry out, and a clock that is right again"
    text, page = parts(first.content_type, fill(first, VALUES))
    assert text.startswith("THE SALTMARSH LETTER\n")
    assert page.startswith("<!DOCTYPE html>") and page.endswith("</html>\n")


def test_the_size_told_is_the_size_of_the_html() -> None:
    edition = compiled(sample_edition(), look())
    _, page = parts(edition.content_type, fill(edition, VALUES))
    assert abs(edition.html_bytes - len(page.encode())) < 200  # the holes' values are typical, not these


def test_the_stored_bytes_are_ascii_and_give_the_edition_back() -> None:
    edition = compiled(sample_edition(subject="Ebbe, Flut & Ärger 🐑"), look())
    stored = edition.to_bytes()
    assert stored.isascii()
    assert CompiledEdition.from_bytes(stored) == edition


def test_bytes_of_another_form_are_refused() -> None:
    with pytest.raises(DatabaseError, match="form 99"):
        CompiledEdition.from_bytes(b'{"form": 99}')


def test_an_edition_of_the_form_before_can_still_be_read() -> None:
    stored = {
        "form": 1,
        "subject": "An earlier one",
        "content_type": "text/plain",
        "blocks": [
            ["frame", [], 4, ["Hi=\r\n", ["view", "html"]]],
            ["article-1", [], 3, ["one=\r\n"]],
            ["comment-2", ["article-1"], 3, ["two=\r\n"]],
        ],
    }
    edition = CompiledEdition.from_bytes(json.dumps(stored).encode())
    assert (edition.subject, edition.preheader, edition.html_bytes) == ("An earlier one", "", 10)
    assert fill(edition, VALUES) == b"Hi=\r\n" + encode(VALUES[Hole.VIEW]) + b"one=\r\ntwo=\r\n"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (replace(drawn(), html="<p>no way out</p>"), "The HTML part has no unsubscribe link"),
        (replace(drawn(), text="no way out"), "The text part has no unsubscribe link"),
        (drawn(html_part=f"NLx{KEY}xNICKNAMEx"), "unknown hole NICKNAME"),
        (drawn(text_part=f"nlx{KEY}xgreetingx"), "The text part has a mark that is no whole one"),
        (drawn(html_part=str(MARKS.html_begin("article-1"))), "never ends the block article-1"),
        (drawn(html_part=str(MARKS.html_end("article-1"))), "ends the block article-1 where none is open"),
    ],
)
def test_a_page_that_cannot_be_sent_is_refused(made: Drawn, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        compile_edition(made)


def test_text_that_looks_like_a_mark_stays_text() -> None:
    forged = "NLx0123456789xUNSUBSCRIBEx <!--NLx0123456789x end article-101-->"
    edition = compiled(sample_edition(lead=replace(LEAD, excerpt=forged)), look())
    text, page = parts(edition.content_type, fill(edition, VALUES))
    assert forged in text.replace("\n", " ")
    assert html.escape(forged) in page


def test_filling_loads_neither_templates_nor_parsers() -> None:
    code = "import sys, digest.render.fill; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not set(loaded.split()) & {"jinja2", "lxml", "premailer", "cssutils", "babel", "pydantic"}
