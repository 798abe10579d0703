"""Plain text of articles and comments: readable, and only what belongs there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.content.sanitise import sanitise_article, sanitise_comment
from digest.content.shortcodes import without_shortcodes
from digest.content.text import comment_text, plain_text

PAGE = "https://paper.example/2026/quay/"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("<p>One\n  line &amp; <b>more</b></p><p>Two</p>", "One line & more\n\nTwo"),
        ("<div>a</div><div>b</div>c<br>d", "a\n\nb\n\nc\nd"),
        ("<ul><li>salt</li><li><p>fish</p></li></ul>end", "• salt\n• fish\n\nend"),
        ("<ol start=3><li>three<li>four</ol>", "3. three\n4. four"),
        ("<ol start=x><li>one</ol>", "1. one"),
        ("<blockquote><p>He said so</p></blockquote>", "He said so"),
        ("<table><tr><th>Pier</th><td>4</td></tr><tr><td>Quay</td></tr></table>", "Pier 4\nQuay"),
        ("<pre>if x:\n    y</pre>", "if x:\ny"),
        ("<p>She said <q>never</q>.</p>", "She said “never”."),
        ("<figure><img src=/a.png><figcaption>The pier</figcaption></figure><p>Text</p>", "Text"),
        ('<div><img src="/a.png"><p class="wp-caption-text">The pier</p></div><p>Text</p>', "Text"),
        ('<p>Text [gallery ids="1,2"] as he [sic] said [1]</p>', "Text as he [sic] said [1]"),
    ],
)
def test_an_article_reads_as_written(html: str, expected: str) -> None:
    assert plain_text(sanitise_article(html, PAGE)) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<blockquote><p>You said so</p></blockquote><p>I did not.</p>", "I did not."),
        ("&gt; you said so<br>I did not.", "I did not."),
        ("[quote=Pim]you said so[/quote]I did not.", "I did not."),
        ("<p>The ferry was late.</p><p>Edit: only by an hour</p>", "The ferry was late."),
        ("<p>The ferry was late. EDIT 2: only by an hour</p>", "The ferry was late."),
        ("<p>The ferry was late.</p><p>[edited to add: by an hour]</p>", "The ferry was late."),
        ("<p>Edit: the first word is no afterthought</p>", "Edit: the first word is no afterthought"),
        ("<p>To edit: press the pencil</p>", "To edit: press the pencil"),
        ("<p>Agreed.</p><p>--<br>Pim, pier 4</p>", "Agreed."),
        ("<p>Agreed.</p><p>Sent from my telephone</p>", "Agreed."),
        ("<p>One</p><p>--</p>" + "<p>more</p>" * 4, "One\n\n--" + "\n\nmore" * 4),
    ],
)
def test_a_comment_is_its_writers_own_first_word(html: str, expected: str) -> None:
    assert comment_text(sanitise_comment(html, PAGE)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[caption id="a" width="3"]The pier[/caption]Text', "Text"),
        ("[embed]https://video.example/1[/embed]Text", "Text"),
        ("[box]Inside[/box] [unknown_code] [sic] [the pier]", "Inside  [sic] [the pier]"),
        ("[gallery]", ""),
    ],
)
def test_shortcodes_go_and_brackets_stay(text: str, expected: str) -> None:
    assert without_shortcodes(text) == expected


@given(
    st.lists(
        st.sampled_from(["<p>", "<ul><li>", "<br>", "</p>", "<ol start=9>", "<pre>", "a", "b ", "\n", "&gt;", "<td>", "[/a]", "--"]), max_size=20
    )
)
def test_text_has_no_loose_whitespace(pieces: list[str]) -> None:
    for text in (plain_text(sanitise_article("".join(pieces), PAGE)), comment_text(sanitise_comment("".join(pieces), PAGE))):
        assert text == text.strip()
        assert "  " not in text
        assert "\n\n\n" not in text


@pytest.mark.parametrize("piece", ["[caption]", "[wp_caption x=1]", "[/caption][video]", "[caption"])
def test_codes_without_an_end_are_no_endless_search(piece: str) -> None:
    assert comment_text(piece * 40_000 + "[/quote] I was there.").endswith("I was there.")


def test_what_lies_between_codes_goes_up_to_the_first_end() -> None:
    text = "One [caption]a [video]b[/video] c[/caption] two [/caption] three [video] four [caption x=1]five[/caption] six"
    assert " ".join(without_shortcodes(text).split()) == "One two three four six"
