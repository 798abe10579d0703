"""Both inlining engines, and the traps each of them has."""

import re
import socket
import subprocess
import sys

import pytest

from digest.errors import SettingsError, TemplateError
from digest.render.draw import draw
from digest.render.elements import read_page
from digest.render.inline import inline
from tests.render.sample_edition import look, sample_edition

ENGINES = ["premailer", "fast"]

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>T</title>
<style>.a { color: #112233; } .cell { mso-padding-alt: 4px; padding: 4px; } td { width: 50px; height: auto; background-color: #ffffff; }</style>
<style data-premailer="ignore" data-css-inline="keep">
@media (prefers-color-scheme: dark) { .a { color: #eeeeee !important; } }
[data-ogsc] .a { color: #dddddd !important; }
a:hover { color: #cccccc !important; }
</style></head>
<body><!--[if mso]><table><tr><td><![endif]--><p class="a">Ärger 🐑</p>
<table role="presentation"><tr><td class="cell"><a href="NLx0123456789xVIEWx">x</a></td></tr></table></body></html>
"""


def words(html: str) -> str:
    return " ".join(read_page(html).words.split())


def links(html: str) -> list[str]:
    return [link.attributes["href"] for link in read_page(html).named("a")]


def test_the_engines_give_the_same_words_and_links() -> None:
    drawn = draw(sample_edition(), look())
    pages = [inline(drawn.html, engine) for engine in ENGINES]
    assert words(pages[0]) == words(pages[1]) == words(drawn.html)
    assert links(pages[0]) == links(pages[1]) == links(drawn.html)


@pytest.mark.parametrize("engine", ENGINES)
def test_plain_rules_move_into_the_elements_and_the_rest_stays_whole(engine: str) -> None:
    page = re.sub(r"\s+", "", inline(PAGE, engine))
    assert 'style="color:#112233' in page or 'style="color:#123' in page
    assert "@media(prefers-color-scheme:dark){.a{color:#eeeeee!important;}}" in page
    assert "[data-ogsc].a{color:#dddddd!important;}" in page
    assert "a:hover{color:#cccccc!important;}" in page
    assert page.count("<style") == 1
    assert 'class="a"' in page
    assert "mso-padding-alt:4px" in page


@pytest.mark.parametrize("engine", ENGINES)
def test_marks_conditional_comments_and_letters_pass_unharmed(engine: str) -> None:
    page = inline(PAGE, engine)
    assert page.startswith("<!DOCTYPE html>")
    assert 'href="NLx0123456789xVIEWx"' in page
    assert "<!--[if mso]><table><tr><td><![endif]-->" in page
    assert "Ärger 🐑" in page


def test_premailer_writes_no_attributes_of_its_own() -> None:
    (cell,) = read_page(inline(PAGE)).named("td")
    assert set(cell.attributes) == {"class", "style"}


def test_a_picture_that_floats_says_so_to_outlook() -> None:
    page = PAGE.replace("</p>", '</p><img class="beside" src="https://saltmarsh.example/a.png" alt="A">').replace(
        ".a {", ".beside { float: left; } .a {", 1
    )
    (picture,) = read_page(inline(page)).named("img")
    assert picture.attributes["align"] == "left"


def test_a_small_doctype_and_an_unknown_engine_are_refused() -> None:
    with pytest.raises(TemplateError, match="DOCTYPE"):
        inline(PAGE.replace("<!DOCTYPE", "<!doctype"))
    with pytest.raises(SettingsError, match="premailer or fast"):
        inline(PAGE, "slow")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_style_that_imports_another_is_fetched_by_nobody(engine: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.settimeout(0)
        style = f"@import url(http://127.0.0.1:{opened.getsockname()[1]}/other.css); p {{ color: red }}"
        assert "color" in inline(f"<!DOCTYPE html><html><head><style>{style}</style></head><body><p>Tide</p></body></html>", engine)
        with pytest.raises(BlockingIOError):
            opened.accept()


ONE_SHEET_IN_THREE_MAILS = """
import cssutils
from digest.render.inline import inline

read, parse = [], cssutils.parseString
cssutils.parseString = lambda css, **settings: read.append(css) or parse(css, **settings)
sheet = ".once { color: #123456; }"
for mail in range(3):
    many = "".join(f'<p class="once" style="margin: {mail}px {number}px;">x</p>' for number in range(150))
    html = inline(f'<!DOCTYPE html>\\n<html lang="en"><head><title>T</title><style>{sheet}</style></head><body>{many}</body></html>')
    assert html.count("color:#123456") == 150
print(read.count(sheet))
"""


def test_a_sheet_is_read_once_however_many_mails_have_it() -> None:
    """premailer's own cache held 128 texts, and one mail of many different styles emptied it. It asks how many when it is imported: here that has
    happened long ago."""
    assert subprocess.run([sys.executable, "-c", ONE_SHEET_IN_THREE_MAILS], capture_output=True, text=True, check=True).stdout == "1\n"
