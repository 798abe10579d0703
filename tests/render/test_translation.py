"""Which language is spoken, and how an edition looks in each."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.publication import Colours
from digest.render.lint import lint
from digest.render.translation import direction, languages, own_texts, pick, translations
from templates.languages.extract import gather
from tests.render.filling import seen
from tests.render.sample_edition import look, sample_edition
from tests.render.test_catalogs import catalog, forms, messages

ADDRESS = re.compile(r"https?://[^\s\"]+")
BLANK = re.compile(r"%\(\w+\)s")

KNOWN = ["de", "DE-at", "fr_CA", "ar-EG", "en-GB", "pt-BR", "*", "", "zh-Hant-TW", "x-klingon", "-", "de-"]
tags = st.one_of(st.sampled_from(KNOWN), st.text(max_size=12))


@given(st.lists(tags, max_size=8), st.lists(tags, max_size=5), tags)
def test_what_is_picked_is_offered_or_the_default(wanted: list[str], offered: list[str], default: str) -> None:
    found = pick(wanted, offered, default)
    assert found in (*offered, default)
    assert pick(wanted, [], default) == default


real_tags = st.from_regex(r"[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,4}){0,2}", fullmatch=True)


@given(real_tags, st.lists(real_tags, max_size=4), st.lists(tags, max_size=4))
def test_what_is_wanted_most_and_offered_is_picked(tag: str, others: list[str], wanted: list[str]) -> None:
    found = pick([tag, *wanted], [*others, tag], "no")
    assert found.casefold().replace("_", "-") == tag.casefold().replace("_", "-")


def test_the_nearest_language_is_picked() -> None:
    offered = ("en", "ar", "de", "pt-BR")
    assert pick(["de-AT", "en"], offered, "en") == "de"
    assert pick(["it", "AR_eg"], offered, "en") == "ar"
    assert pick(["pt-PT"], offered, "en") == "pt-BR"
    assert pick(["it", "*", ""], offered, "en") == "en"


def test_a_language_without_catalog_speaks_english_or_not_at_all() -> None:
    assert translations("fi").gettext("Unsubscribe") == "Unsubscribe"
    assert own_texts("fi") is None
    assert own_texts("en-GB") is translations("en")
    assert translations("de-CH") is translations("de")


@pytest.mark.parametrize("language", languages())
def test_an_edition_in_every_language_is_a_lawful_mail(language: str) -> None:
    text, html = seen(sample_edition(), look(language=language))
    assert lint(html, text, colours=Colours()) == ()
    assert f'<html lang="{language}" dir="{direction(language)}"' in html


@pytest.mark.parametrize("language", languages()[1:])
def test_a_drawn_edition_has_no_english_of_ours_left(language: str) -> None:
    text, html = seen(sample_edition(sponsor=None), look(language=language))
    drawn = plain(ADDRESS.sub(" ", f"{text} {html}"))
    kept = plain(" ".join(text for message in messages(catalog(language)) for text in forms(message)))
    assert [piece for piece in english() if f" {piece} " in drawn and f" {piece} " not in kept] == []


def english() -> Iterator[str]:
    """Our own words for editions, between their blanks; short ones may be a word of any language."""
    for message in messages(gather()):
        if any(place.startswith("templates/editions") for place, _ in message.locations):
            for text in [message.id] if isinstance(message.id, str) else message.id:
                yield from (piece for part in BLANK.split(text) if len(piece := plain(part).strip()) > 6)


def plain(text: str) -> str:
    """The words of a text alone."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.casefold())) + " "
