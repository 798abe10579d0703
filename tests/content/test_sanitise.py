"""Hostile HTML, titles and names come out harmless, and nothing a reader should see is lost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as parser

from digest.content.sanitise import (
    ARTICLE_TAGS,
    COMMENT_TAGS,
    MAXIMUM_DEPTH,
    clean_name,
    one_line,
    sanitise_article,
    sanitise_comment,
    shown_name,
    title_text,
    web_address,
)

PAGE = "https://paper.example/2026/quay/"

PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<b>", "</i>", "<script>", "</script>", "<style>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
        "<a href='javascript:alert(1)'>", "<a href='/x'>", "</a>", "<!--", "-->", "<![CDATA[", "]]>", "<math><mtext>", "<iframe src=x>",
        "<table><td>", "<plaintext>", "<textarea>", "<noscript>", "<", ">", "\"", "'", "&lt;", "&#0;", "\x00", "\u202e", "\ud800", "word ",
    ]
)  # fmt: skip
HOSTILE = st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=25).map("".join)


def elements(html: str) -> list[parser.HtmlElement]:
    return list(parser.fragment_fromstring(html, create_parent="main").iterdescendants())


@given(HOSTILE)
def test_only_harmless_elements_and_attributes_come_out(html: str) -> None:
    for sanitised, allowed in ((sanitise_article(html, PAGE), ARTICLE_TAGS), (sanitise_comment(html, PAGE), COMMENT_TAGS)):
        for element in elements(sanitised):
            assert element.tag in allowed
            assert set(element.attrib) <= {"href", "src", "alt", "width", "height", "start", "colspan", "rowspan", "class"}
            assert all(re.match("https?:|mailto:", element.get(name, "https:")) for name in ("href", "src"))


@given(HOSTILE)
def test_sanitising_twice_changes_nothing(html: str) -> None:
    once = sanitise_article(html, PAGE)
    assert sanitise_article(once, PAGE) == once


@given(st.text())
def test_what_was_escaped_stays_text(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert title_text(escaped) == one_line(text)


def test_scripts_and_styles_go_with_their_content() -> None:
    html = "<p>Before</p><script>alert(1)</script><style>p{color:red}</style><iframe src=/x>y</iframe><p onclick=x()>After</p>"
    assert sanitise_article(html, PAGE) == "<p>Before</p><p>After</p>"


def test_comments_may_less_than_articles() -> None:
    html = "<h2>Loud</h2><p>Words <img src=/spy.gif> and <a href=/more>more</a></p><table><tr><td>cell</td></tr></table>"
    assert sanitise_comment(html, PAGE) == 'Loud<p>Words  and <a href="https://paper.example/more">more</a></p>cell'


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("more", "https://paper.example/2026/quay/more"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("#fn1", "https://paper.example/2026/quay/#fn1"),
        ("mailto:desk@paper.example", "mailto:desk@paper.example"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("http://[broken", None),
    ],
)
def test_links_are_absolute_or_gone(href: str, expected: str | None) -> None:
    (link,) = elements(sanitise_article(f'<a href="{href}">x</a>', PAGE))
    assert link.get("href") == expected


@pytest.mark.parametrize("base", ["", "nonsense", "ftp://host/", "https://", "http://[broken", "http://a<b/"])
def test_without_a_sound_base_relative_links_and_pictures_go(base: str) -> None:
    assert sanitise_article('<a href="x">k</a> <img src="y.png" alt="z"> <a href="https://paper.example/">h</a>', base) == (
        '<a>k</a>  <a href="https://paper.example/">h</a>'
    )


@pytest.mark.parametrize("depth", [3_000, 100_000])
def test_text_below_thousands_of_elements_survives(depth: int) -> None:
    sanitised = sanitise_article("<div>" * depth + "at the bottom" + "</div>" * depth + "<p>after</p>", PAGE)
    root = parser.fragment_fromstring(sanitised, create_parent="main")
    assert root.text_content().split() == ["at", "the", "bottom", "after"]
    assert max((len(list(element.iterancestors())) for element in root.iter()), default=0) <= MAXIMUM_DEPTH


def test_hopeless_markup_hides_no_script() -> None:
    assert sanitise_article("<b>" * 20_000 + "x<script>alert(1)</script>y", PAGE).split() == ["xy"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("Fish &amp; chips &lt;3: “the quay” <em>reopens</em> 🎣 &#8212; now", "Fish & chips <3: “the quay” reopens 🎣 — now"),
        ("Write &amp;lt;b&amp;gt; for bold", "Write &lt;b&gt; for bold"),
        ("Two<br>lines\nand a\x07 bell", "Two lines and a bell"),
        ("{{ 7*7 }} __NL_UNSUB__ I <3 it", "{{ 7*7 }} __NL_UNSUB__ I <3 it"),
        ("<script>alert(1)</script>News", "News"),
    ],
)
def test_titles_are_one_line_of_text(html: str, expected: str) -> None:
    assert title_text(html) == expected


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("Pim &amp; Co.", "Pim & Co."),
        ("Tilda\r\nBcc: x", "Tilda Bcc: x"),
        ("pim.jansen@mail.example", "p…"),
        ("Pim <pim@mail.example>", "Pim <p…>"),
        ("192.0.2.44", "…"),
        ("2001:db8::8a2e:370:7334", "…"),
        ("\u202egpj.exe\x00", "gpj.exe"),
        ("x" * 300, "x" * 200),
        ("  ", ""),
    ],
)
def test_names_are_short_single_lines_without_addresses(given_name: str, expected: str) -> None:
    assert clean_name(given_name) == expected


@given(st.emails())
@settings(max_examples=50)
def test_no_email_address_passes_as_a_name(address: str) -> None:
    assert address not in clean_name(f"Pim {address}")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://host/x", "https://", "http://[x", "/relative", ""])
def test_other_than_web_addresses_are_none(address: str) -> None:
    assert web_address(address) == ""


def test_a_web_address_loses_its_blanks() -> None:
    assert web_address(" https://paper.example/a\n b\x00 ") == "https://paper.example/ab"


@pytest.mark.parametrize("piece", ["a", "a.", "a@", "1.", ":", '"', "&#64;"])
def test_an_endless_name_is_no_endless_search(piece: str) -> None:
    assert len(clean_name(piece * 300_000)) <= 200


def test_an_address_across_the_cut_is_masked_all_the_same() -> None:
    assert "@" not in shown_name("x" * 190 + " somebody.with.a.long.name@example.org")
