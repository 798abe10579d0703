"""In which language a page speaks."""

from hypothesis import given
from hypothesis import strategies as st

from digest.web.speech import accepted


def test_the_dearest_comes_first_and_what_is_not_wanted_does_not_come() -> None:
    assert accepted("fr;q=0.3, de-AT, en;q=0.8, es;q=0, *;q=0.1") == ["de-AT", "en", "fr"]
    assert accepted("de; q=0.5, fr ; q = 0.7") == ["fr", "de"]


def test_what_cannot_be_understood_is_left_out() -> None:
    assert accepted("de;q=much, ;q=1, en;level=1") == ["en"]
    assert accepted("") == []


@given(st.text(max_size=300))
def test_any_header_is_read(header: str) -> None:
    assert all(tag and tag != "*" for tag in accepted(header))
    assert len(accepted(header * 20)) <= 20
