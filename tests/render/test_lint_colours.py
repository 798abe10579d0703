"""Contrast is measured on the colours that a reader's mail program comes to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.elements import read_page
from digest.render.lint.cascade import seen
from digest.render.lint.colours import check
from digest.render.lint.mail import About, of_parts

DARK = "@media (prefers-color-scheme: dark)"


def colours(body: str, style: str = "", *, dark: bool = False) -> tuple[str, str]:
    """Ink and ground of the element with the id x."""
    page = read_page(f"<html><head><style>{style}</style></head>{body}</html>")
    look = next(look for element, look in seen(page, dark=dark) if element.attributes.get("id") == "x")
    assert look.ground is not None
    return hexed(look.ink), hexed(look.ground)


def hexed(colour: tuple[float, float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour[:3])


def told(body: str, style: str = "") -> list[str]:
    return [one.what for one in check(of_parts(f"<html><head><style>{style}</style></head><body>{body}</body></html>", "", About()))]


@pytest.mark.parametrize(
    ("body", "style", "ink", "ground"),
    [
        ('<p id="x">a</p>', "", "#000000", "#ffffff"),
        ('<a id="x" href="/">a</a>', "", "#0000ed", "#ffffff"),
        ('<td bgcolor="#123456"><font id="x" color="red">a</font></td>', "", "#ff0000", "#123456"),
        ('<td bgcolor="#123456" style="background-color:#abcdef"><b id="x">a</b></td>', "", "#000000", "#abcdef"),
        ('<td style="background:#fff url()"></td><td style="background:navy no-repeat"><b id="x">a</b></td>', "", "#000000", "#000080"),
        ('<td style="background-color:#111111;background:#222222"><b id="x">a</b></td>', "", "#000000", "#222222"),
        ('<p style="color:hsl(120 50% 50%)"><b id="x">a</b></p>', "", "#40bf40", "#ffffff"),
        ('<p id="x" style="color:rgba(0,0,0,0.5)">a</p>', "", "#808080", "#ffffff"),
        ('<td style="background:#000"><p style="background:rgb(255 255 255 / 50%)"><b id="x">a</b></p></td>', "", "#000000", "#808080"),
        ('<p class="a b" id="x">a</p>', ".a { color: #111111 } .b { color: #222222 }", "#222222", "#ffffff"),
        ('<p class="a b" id="x">a</p>', ".a.b { color: #111111 } .b { color: #222222 }", "#111111", "#ffffff"),
        ('<p class="a" id="x" style="color:#333333">a</p>', ".a { color: #111111 }", "#333333", "#ffffff"),
        ('<p class="a" id="x" style="color:#333333">a</p>', ".a { color: #111111 !important }", "#111111", "#ffffff"),
        ('<p class="a" id="x" style="color:#333333 !important">a</p>', ".a { color: #111111 !important }", "#333333", "#ffffff"),
        ('<div class="a"><p><b id="x">a</b></p></div>', ".a b { color: #111111 }", "#111111", "#ffffff"),
        ('<div class="a"><p><b id="x">a</b></p></div>', ".a > b { color: #111111 }", "#000000", "#ffffff"),
        ('<div class="a"><b id="x">a</b></div>', "div.a > b { color: #111111 }", "#111111", "#ffffff"),
        ('<b id="x">a</b>', "[data-ogsc] b, i { color: #111111 } b:hover { color: #222222 }", "#000000", "#ffffff"),
        ('<b id="x" title="t">a</b>', 'b[title="t"] { color: #111111 }', "#111111", "#ffffff"),
        ('<b id="x">a</b>', "@media (max-width: 600px) { b { color: #111111 } } @media screen { b { color: #222222 } }", "#222222", "#ffffff"),
        ('<b id="x">a</b>', f"{DARK} {{ b {{ color: #111111 }} }}", "#000000", "#ffffff"),
    ],
)
def test_colours_are_those_of_the_light(body: str, style: str, ink: str, ground: str) -> None:
    assert colours(f"<body>{body}</body>", style) == (ink, ground)


def test_in_the_dark_the_rules_for_the_dark_count() -> None:
    style = f".p {{ color: #111111 }} {DARK} {{ .p {{ color: #eeeeee !important }} .g {{ background-color: #101010 !important }} }}"
    body = '<body class="g" style="background-color:#ffffff"><p class="p" id="x" style="color:#222222">a</p></body>'
    assert colours(body, style) == ("#222222", "#ffffff")
    assert colours(body, style, dark=True) == ("#eeeeee", "#101010")


def test_large_letters_need_less() -> None:
    grey = "color:#8a8a8a"  # 3.45 on white
    assert len(told(f'<p style="{grey};font-size:16px">small</p>')) == 1
    assert told(f'<p style="{grey};font-size:24px">large</p>') == []
    assert told(f'<p style="{grey};font:bold 19px/24px serif">large and bold</p>') == []
    assert len(told(f'<p style="{grey};font:normal 19px/24px serif">not large</p>')) == 1
    assert told(f'<h1 style="{grey}">large by itself</h1>') == []
    assert told(f'<p style="{grey};font-size:18pt">as large</p>') == []


def test_what_nobody_reads_is_not_measured() -> None:
    white = "color:#ffffff"
    assert told(f'<p style="{white};display:none">hidden</p>') == []
    assert told(f'<div style="display:none"><p style="{white}">hidden</p></div>') == []
    assert told(f'<p style="{white}"> · – | </p>') == []
    assert told(f'<td style="background:url(a.png)"><p style="{white}">over a picture</p></td>') == []


def test_one_pair_of_colours_is_told_once_with_its_first_place() -> None:
    (what,) = told('<p style="color:#bbbbbb">first</p><p style="color:#bbbbbb">second</p>')
    assert what == "“first”, and 1 more: #bbbbbb on #ffffff has a contrast of 1.9; it needs 4.5."


def test_without_a_dark_palette_only_the_light_is_measured() -> None:
    assert told('<p style="color:#000000">a</p>') == []
    found = told('<p style="color:#000000">a</p>', f"{DARK} {{ i {{ color: red }} }}")
    assert found == ["“a”: #000000 on #121212 has a contrast of 1.1; it needs 4.5."]


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.sampled_from("abc.#:[]{}>+~ ,;()\"'*@!%-\\/<\n1"), max_size=60))
def test_no_style_breaks_the_measure(style: str) -> None:
    told(f'<p class="a" style="{style.replace(chr(34), "")}">words</p>', style.replace("<", ""))
