"""From a drawn page to bytes, and from bytes to one reader's mail."""

import html
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
from tests.render.filling import VALUES, compiled, parts
from tests.render.sample_edition import LEAD, look, sample_edition

KEY = "0123456789"
MARKS = Marks(key=KEY)
LEAVE = MARKS.hole(Hole.UNSUBSCRIBE)

PAGES = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=120) | st.sampled_from(list(Hole)), max_size=12)
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
READERS = st.fixed_dictionaries({hole: st.text(max_size=120) | st.sampled_from(HOSTILE) for hole in Hole})


def drawn(html_part: str = "", text_part: str = "") -> Drawn:
    return Drawn(html=f'{html_part}<a href="{LEAVE}">x</a>\n', text=f"{text_part}{LEAVE}\n", subject="S", key=KEY)


def put_in(page: str, place: Place, values: dict[Hole, str]) -> str:
    """What filling has to come to: each mark replaced by the value escaped for its place."""
    for hole in Hole:
        page = page.replace(f'href="{MARKS.hole(hole)}"', f'href="{escape(values[hole], Place.LINK)}"') if place is Place.HTML else page
    return re.sub(f"NLx{KEY}x([A-Z]+)x", lambda found: escape(values[Hole[found[1]]], place), page)


@settings(max_examples=50)
@given(html_part=PAGES, text_part=PAGES, values=READERS)
@example(html_part=[Hole.GREETING], text_part=["."], values=dict(zip(Hole, HOSTILE, strict=False)))
@example(html_part=["é" * 80, Hole.ADDRESS], text_part=[Hole.VIEW], values=dict(zip(Hole, HOSTILE[5:], strict=False)))
def test_filling_is_replacing(html_part: list[str | Hole], text_part: list[str | Hole], values: dict[Hole, str]) -> None:
    def page(pieces: list[str | Hole]) -> str:
        return "".join(MARKS.hole(piece) if isinstance(piece, Hole) else piece for piece in pieces)

    made = drawn(html.escape(page(html_part)), page(text_part))
    edition = compile_edition(made)
    body = fill(edition, values)
    text, shown = parts(edition.content_type, body)
    # Values are read back as the parser gives them: lone surrogates became question marks.
    expected = [put_in(page, place, values) for page, place in ((made.text, Place.TEXT), (made.html, Place.HTML))]
    assert [text, shown] == [one.encode("utf-8", "replace").decode() for one in expected]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert Filler(CompiledEdition.from_bytes(edition.to_bytes())).fill(values) == body


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


def after(edition: CompiledEdition, *gone: str) -> tuple[str, str]:
    left = edition.without(gone)
    return parts(left.content_type, fill(left, VALUES))


def test_a_removed_comment_takes_its_answer_along_and_leaves_its_story() -> None:
    for part in after(compiled(sample_edition(), look()), "comment-901"):
        assert "took this boat to school" not in part
        assert "staff passes are a good catch" not in part
        assert "Unsubscribe" in part and "The subsidy ends in March" in " ".join(part.split())


def test_a_removed_answer_leaves_the_comment() -> None:
    for part in after(compiled(sample_edition(), look()), "comment-902"):
        assert "took this boat to school" in part
        assert "staff passes are a good catch" not in part


def test_a_withdrawn_article_is_gone_from_every_list() -> None:
    for part in after(compiled(sample_edition(), look()), "article-104"):
        assert "curlew" not in part.replace("argument about curlews", "").replace("curlews, counted", "").replace("argument about\ncurlews", "")
        assert "/104/" not in part


def test_a_heading_goes_with_the_last_of_what_it_heads() -> None:
    edition = compiled(sample_edition(), look())
    _, page = after(edition, "article-106")
    assert "Workshop" in page
    text, page = after(edition, "article-106", "article-107")
    assert "Workshop" not in page and "WORKSHOP" not in text
    _, page = after(edition, "comment-941", "comment-942", "comment-943")
    assert "Just said" not in page
    assert "Top comments" in page


def test_dropping_nothing_changes_nothing_and_dropping_all_leaves_a_mail() -> None:
    edition = compiled(sample_edition(), look())
    assert edition.without(()) == edition
    assert edition.without({"article-7777"}) == edition
    bare = edition.without(edition.ids)
    text, page = parts(bare.content_type, fill(bare, VALUES))
    assert VALUES[Hole.UNSUBSCRIBE] in text and VALUES[Hole.UNSUBSCRIBE] in page
    assert bare.html_bytes < edition.html_bytes / 2


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
