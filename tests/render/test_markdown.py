"""Editors' Markdown: what it may hold, as HTML and as plain text; whatever is put in, nothing runs and nothing is lost."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from digest.render.markdown import html, text
from digest.render.text import columns, wrap


@pytest.mark.parametrize(
    ("source", "page", "plain"),
    [
        ("Dear *all*, **hello**.", "<p>Dear <em>all</em>, <strong>hello</strong>.</p>", "Dear all, hello."),
        (
            "See [us](https://a.example/?a=1&b=2).",
            '<p>See <a href="https://a.example/?a=1&amp;b=2">us</a>.</p>',
            "See us (https://a.example/?a=1&b=2).",
        ),
        ("<https://a.example>", '<p><a href="https://a.example">https://a.example</a></p>', "https://a.example"),
        ("[Write](mailto:a@b.example)", '<p><a href="mailto:a@b.example">Write</a></p>', "Write (a@b.example)"),
        ("One\n\nTwo\nmore", "<p>One</p>\n<p>Two\nmore</p>", "One\n\nTwo\nmore"),
        ("One\\\nTwo", "<p>One<br>\nTwo</p>", "One\nTwo"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "- a\n- b"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>', "3. a\n4. b"),
        ("> a\n>\n> b\n\nc", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n<p>c</p>", "> a\n>\n> b\n\nc"),
        ("- a\n\n  b\n- c", "<ul>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n<li>\n<p>c</p>\n</li>\n</ul>", "- a\n\n  b\n\n- c"),
    ],
)
def test_paragraphs_emphasis_links_lists_and_quotations(source: str, page: str, plain: str) -> None:
    assert html(source) == page
    assert text(source) == plain


@pytest.mark.parametrize(
    "source",
    [
        "# A heading",
        "Two\n---",
        "---",
        "`code`",
        "    code",
        "2 * 3 * 4 = 24",
        "AT&amp;T",
        "<b>bold</b>",
        "<script>alert(1)</script>",
        "| a | b |\n| - | - |",
    ],
)
def test_what_is_no_part_of_it_stays_as_it_was_written(source: str) -> None:
    assert Markup(html(source)).unescape() == f"<p>{source.strip()}</p>"
    assert text(source) == source.strip()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/page", "//x.example", "vbscript:x", "JaVaScRiPt:x"]
)
def test_links_lead_to_the_web_and_to_mailboxes_only(address: str) -> None:
    assert "<a" not in html(f"[here]({address})") + html(f"<{address}>") + html(f"[here][1]\n\n[1]: {address}")


def test_elements_carry_a_theme_s_classes_and_the_outermost_their_language() -> None:
    made = html(["One *two*", "> Three [four](https://a.example)"], {"p": "ink", "a": "under"}, Markup(' lang="de" dir="auto"'))
    assert made == (
        '<p class="ink" lang="de" dir="auto">One <em>two</em></p>\n'
        '<blockquote lang="de" dir="auto">\n<p class="ink">Three <a href="https://a.example" class="under">four</a></p>\n</blockquote>'
    )


def test_plain_paragraphs_are_wrapped_as_ever() -> None:
    long = "A paragraph with a good many words in it, and with no mark of any kind, so that it is only wrapped. " * 3
    assert text([long, "Two"]) == f"{wrap(long.strip())}\n\nTwo"
    assert columns(max(text(f"> - {long}").split("\n"), key=columns)) <= 76


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[tuple[str, str]] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        for name, value in attrs:
            assert name != "href" or (value or "").casefold().startswith(("http://", "https://", "mailto:"))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PIECES = st.sampled_from(
    ["*", "_", "**", "[", "](", ")", "<", ">", "javascript:", "https://a.example", "\n", "\n\n", "- ", "1. ", "> ", "\\", "&#60;", "`", "#"]
)


@given(st.one_of(st.text(max_size=200), st.lists(st.one_of(PIECES, st.sampled_from("ab \t")), max_size=40).map("".join)))
def test_whatever_is_put_in_it_is_a_sound_piece_of_page(source: str) -> None:
    found = Elements(html(source, {"p": "ink"}, ' lang="de" dir="auto"'))
    assert found.open == []
    assert {tag for tag, _ in found.seen} <= {"p", "em", "strong", "a", "ul", "ol", "li", "blockquote", "br"}
    assert {name for _, name in found.seen} <= {"", "href", "class", "lang", "dir", "start"}
    assert html(source) == html(source)
    assert isinstance(text(source), str)
