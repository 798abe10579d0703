"""Whatever is written into a form becomes something that may be kept, or nothing."""

import unicodedata
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.form_text import language, line, lines, time_zone

ANYTHING = st.text(st.sampled_from("ab \t\r\n\x00\u2028\ud800é\u202e𝔘ß") | st.characters(), max_size=60)


@given(ANYTHING, st.integers(1, 40))
def test_a_line_is_one_line_that_can_be_stored(text: str, characters: int) -> None:
    kept = line(text, characters)
    assert len(kept) <= characters and kept == kept.strip()
    assert not [one for one in kept if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert kept.encode().decode() == kept
    assert line(kept, characters) == kept


@given(st.lists(ANYTHING, max_size=6))
def test_a_set_has_no_empty_member(texts: list[str]) -> None:
    assert "" not in lines(texts) and lines(lines(texts)) == lines(texts)


@given(ANYTHING)
def test_only_codes_and_zones_are_taken_for_such(text: str) -> None:
    assert language(text) in ("", text.replace("_", "-"))
    assert time_zone(text) == "" or ZoneInfo(time_zone(text))


@pytest.mark.parametrize(("text", "kept"), [("en", "en"), ("pt_BR", "pt-BR"), ("", ""), ("english", ""), ("en\n", ""), ("../../etc", "")])
def test_languages(text: str, kept: str) -> None:
    assert language(text) == kept


@pytest.mark.parametrize(("text", "kept"), [("Europe/Berlin", "Europe/Berlin"), ("", ""), ("Europe", ""), ("/etc/passwd", ""), ("x" * 5_000, "")])
def test_time_zones(text: str, kept: str) -> None:
    assert time_zone(text) == kept


def test_a_name_keeps_its_letters_and_loses_its_line_ends() -> None:
    assert line("  Zoë\r\nBcc: all@example.com\t Ní  ") == "Zoë Bcc: all@example.com Ní"
