"""Texts that begin something again and again and never end it: one way through each, whatever their length."""

import pytest

from digest.delivery.mask import mask
from digest.sources.feed_fields import person_name
from digest.sources.wxr_text import as_html

ROUNDS = 60_000


@pytest.mark.parametrize("piece", ["<!--", "<pre>", "<style>", "[caption]", "[wp_caption]", '[caption a="', "-->", "[/caption]"])
def test_an_export_text_full_of_beginnings(piece: str) -> None:
    assert "The end" in as_html(piece * ROUNDS + "\n\nThe end")
    assert "The end" in as_html(f"</pre>[/caption]-->{piece * ROUNDS}\n\nThe end")


def test_what_ends_is_still_taken_as_one() -> None:
    given = "One<!-- gone -->\n\n<pre>a\n\nb</pre>\n\n[caption]<img src='x'> Words[/caption]\n\n<!-- left open"
    made = as_html(given)
    assert "gone" not in made
    assert "<pre>a\n\nb</pre>" in made
    assert "<figcaption>Words</figcaption>" in made


@pytest.mark.parametrize("piece", ["a", "a.", "(", "@", "a <"])
def test_an_endless_name_in_a_feed(piece: str) -> None:
    assert len(person_name(piece * ROUNDS)) <= 200


def test_an_endless_answer_of_a_relay_keeps_no_address() -> None:
    assert mask("550 no such user <ann@example.com> " + "a" * 500_000).startswith("550 no such user <…@…>")
