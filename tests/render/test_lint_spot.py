"""The place of a finding on the page: outlined where it is shown, and nothing else is altered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.elements import read_page
from digest.render.lint.spot import ANCHOR, outlined

PAGE = """<html><body><!-- <a href="#no"> --><a href="/1">one</a>
<p>é <A class="x" style='color:"red"; ' id="old" href="/2">two</A><img src="a.png" alt="a > b" /></p></body></html>"""


def test_the_nth_element_of_its_kind_is_outlined() -> None:
    page = read_page(outlined(PAGE, "a.2"))
    one, two = page.named("a")
    assert "id" not in one.attributes and "style" not in one.attributes
    assert (two.attributes["id"], two.attributes["href"], two.classes) == (ANCHOR, "/2", frozenset({"x"}))
    assert two.attributes["style"].startswith('color:"red";outline:3px solid')


def test_nothing_else_is_altered() -> None:
    made = outlined(PAGE, "img.1")
    start, end = PAGE.index("<img"), PAGE.index("</p>")
    assert made.startswith(PAGE[:start]) and made.endswith(PAGE[end:])
    assert 'alt="a > b" />' in made


@pytest.mark.parametrize("spot", ["", "a.3", "a.0", "a", "a.x", "a.1;b", "../a.1", '"><script>', "a.9999999"])
def test_a_place_that_is_not_there_changes_nothing(spot: str) -> None:
    assert outlined(PAGE, spot) == PAGE


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<a>", "<a\nhref='x'>", "</a>", "text & more\n", "<!-- <a> -->", "<A STYLE=x>", "<style>a<a></style>", "é€\r\n"]),
        max_size=12,
    )
)
def test_every_element_is_found_where_the_checks_count_it(pieces: list[str]) -> None:
    page = "".join(pieces)
    for element in read_page(page).named("a"):
        places = [one for one in read_page(outlined(page, element.spot)).named("a") if one.attributes.get("id") == ANCHOR]
        assert [one.number for one in places] == [element.number]
