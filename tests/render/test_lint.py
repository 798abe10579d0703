"""The checks of a finished mail: each finds its fault, and only that."""

import pytest

from digest.publication import Colours
from digest.render.contrast import contrast
from digest.render.lint import lint
from tests.render.filling import seen
from tests.render.sample_edition import look, sample_edition

GOOD = """<!DOCTYPE html><html lang="en"><head><meta name="color-scheme" content="light dark"><title>T</title></head><body>
<h1>One</h1><h2>Two</h2><h3>Three</h3><h2>Two again</h2>
<table role="presentation"><tr><td><img src="https://a.example/i.png" alt="" width="1" height="1"></td></tr></table>
<p><a href="https://a.example/1">First<br>story</a> and <a href="https://a.example/2" aria-label="More on the second">more</a></p></body></html>"""
TEXT = "One\nTwo\nThree\nTwo again\nhttps://a.example/1\nhttps://a.example/2."


def test_a_good_mail_has_no_findings() -> None:
    assert lint(GOOD, TEXT, colours=Colours()) == ()


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        (' lang="en"', "", "document", "names no language"),
        ("<title>T</title>", "", "document", "no title"),
        ('name="color-scheme"', 'name="robots"', "document", "color-scheme"),
        ("<h2>Two</h2>", "", "headings", "h1 is followed by h3"),
        ("<h1>One</h1>", "", "headings", "exactly one h1"),
        ("<h2>Two</h2>", "<h1>Two</h1>", "headings", "exactly one h1"),
        ("<h2>Two again</h2>", "<h2> </h2>", "headings", "An h2 is empty"),
        (' role="presentation"', "", "tables", "role=presentation"),
        (' alt=""', "", "pictures", "no alt text"),
        (' width="1"', "", "pictures", "lacks its width or height"),
        (' height="1"', ' height="auto"', "pictures", "lacks its width or height"),
        ("https://a.example/i.png", "data:image/png;base64,AAAA", "pictures", "not at an https address"),
        ("<h1>", "<script>alert(1)</script><h1>", "forbidden", "<script>"),
        ("<h1>", "<form></form><h1>", "forbidden", "<form>"),
        ("<title>", '<link rel="stylesheet" href="https://a.example/a.css"><title>', "forbidden", "<link>"),
        ("<h1>", "<style>@import url(https://a.example/a.css)</style><h1>", "forbidden", "external stylesheet"),
        ("<h1>", '<h1 onclick="x()">', "forbidden", "onclick"),
        ("https://a.example/1", "http://a.example/1", "links", "no full https address"),
        ("https://a.example/1", "/1", "links", "no full https address"),
        ("https://a.example/1", "javascript:alert(1)", "links", "no full https address"),
        ("First<br>story", "", "links", "has no text"),
        ("First<br>story", "Read More", "links", "does not say where it leads"),
        ("First<br>story", "More on the second", "links", "leads to 2 different places"),
        ("One</h1>", "{{ title }}</h1>", "template", "'{{ title }}'"),
        ("One</h1>", "NLx0123456789xVIEWx</h1>", "template", "NLx0123456789x"),
        ("</body>", '<a href="https://a.example/3">Third story</a></body>', "text", "https://a.example/3"),
    ],
)
def test_a_fault_is_found(old: str, new: str, where: str, what: str) -> None:
    assert old in GOOD
    findings = lint(GOOD.replace(old, new), TEXT)
    assert any(finding.where == where and what in finding.what for finding in findings), findings


def test_a_large_page_and_an_empty_text_are_found() -> None:
    assert [finding.where for finding in lint(GOOD, TEXT, budget=len(GOOD) - 1)] == ["size"]
    assert [finding.what for finding in lint(GOOD, " \n")] == ["The plain text part is empty."]


def test_colours_that_cannot_be_read_are_found_in_either_palette() -> None:
    assert [finding.what for finding in lint(GOOD, TEXT, colours=Colours(quiet="#999999"))] == [
        "In the light palette quiet on paper has a contrast of 2.8; text needs 4.5.",
        "In the light palette quiet on ground has a contrast of 2.5; text needs 4.5.",
    ]
    dark = {finding.what.partition(" has ")[0] for finding in lint(GOOD, TEXT, colours=Colours(accent_dark="#0b5c4a"))}
    assert dark == {f"In the dark palette {pair}" for pair in ("accent on paper", "accent on ground", "ground on accent")}


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#777777", 1.0), ("#767676", "#ffffff", 4.54)])
def test_contrast_is_as_wcag_measures_it(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio == round(contrast(other, one), 2)


@pytest.mark.parametrize("engine", ["premailer", "fast"])
def test_the_classic_theme_keeps_within_the_budget(engine: str) -> None:
    text, html = seen(sample_edition(), look(), engine)
    assert lint(html, text, colours=look().colours, budget=60_000) == ()


def test_of_a_mail_that_is_far_too_long_nothing_else_is_looked_at() -> None:
    endless = GOOD.replace("</body>", "<script></script>" + "<p>a</p>" * 80_000 + "</body>")
    assert {finding.where for finding in lint(endless, TEXT)} == {"size"}
