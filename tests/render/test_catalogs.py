"""The catalogs are whole: every text of the sources and no other, in every language, with the same blanks and the plural forms of CLDR."""

import re
from collections.abc import Iterator
from gettext import NullTranslations
from html import unescape
from pathlib import Path
from string import Formatter

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from jinja2 import nodes

from digest.render.environment import environment, templates_folder
from digest.render.translation import SOURCE, languages, translations
from templates.languages.extract import FOLDER, begun, gather, read, renewed

TRANSLATED = tuple(language for language in languages() if language != SOURCE)
TEXTS = gather()
NUMBERS = (*range(1_000), 10**6, 10**6 + 1, 2 * 10**6, 10**7)
_BLANK = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"</?\w+[^>]*>")
_CATEGORIES = ("zero", "one", "two", "few", "many", "other")  # CLDR's, in the order in which gettext counts them


def catalog(language: str) -> Catalog:
    return read((FOLDER / f"{language}.po").read_text(), language)


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def blanks(text: str) -> set[str]:
    named = {name for _, name, _, _ in Formatter().parse(_BLANK.sub("", text).replace("%", "")) if name}
    return set(_BLANK.findall(text)) | named | set(_TAG.findall(text))


def counts_of(translated: NullTranslations) -> dict[int, set[int]]:
    """Which of the numbers each plural form stands for."""
    plural = translated.plural  # type: ignore[attr-defined]  # gettext's own, from the head of the catalog
    return {form: {number for number in NUMBERS if plural(number) == form} for form in {plural(number) for number in NUMBERS}}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalog_has_exactly_the_texts_of_the_sources(language: str) -> None:
    text = (FOLDER / f"{language}.po").read_text()
    assert renewed(text, language, TEXTS) == text, "run `make words`, and translate what is new"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_none_is_a_guess(language: str) -> None:
    found = messages(catalog(language))
    assert [message.id for message in found if not all(forms(message)) or message.fuzzy] == []
    assert len(found) == len(TEXTS) > 100


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_plural_forms_are_those_of_cldr(language: str) -> None:
    rule = Locale.parse(language).plural_form
    categories = [category for category in _CATEGORIES if category in {*rule.tags, "other"}]
    expected = {place: {number for number in NUMBERS if rule(number) == category} for place, category in enumerate(categories)}
    assert catalog(language).num_plurals == len(categories)
    assert counts_of(translations(language)) == expected


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_blanks_and_tags_of_its_text(language: str) -> None:
    assert [wrong for message in messages(catalog(language)) for wrong in _with_other_blanks(message, counts_of(translations(language)))] == []


def _with_other_blanks(message: Message, counts: dict[int, set[int]]) -> Iterator[str]:
    """Only a form that stands for one number, or for the one that the English words name, may say it in words: “تعليقان” is two comments."""
    if isinstance(message.id, str):
        yield from (text for text in forms(message) if blanks(text) != blanks(message.id))
        return
    one, many = message.id
    for place, text in enumerate(forms(message)):
        in_words = len(counts[place]) == 1 or (1 in counts[place] and blanks(one) != blanks(many))
        missing = blanks(many) - blanks(text)
        if blanks(text) - blanks(many) or (missing and not (in_words and len(missing) == 1)):
            yield text


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_line_stays_one_and_keeps_its_end(language: str) -> None:
    """No translation brings line ends, or spaces at its ends that its text has not."""
    texts = [text for message in messages(catalog(language)) for text in forms(message)]
    assert [text for text in texts if "\n" in text or text.strip(" ") != text] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_subject_begins_with_the_title(language: str) -> None:
    for message in messages(catalog(language)):
        if "digest/editions/subject.py" in dict(message.locations) and "%(title)s" in str(message.id):
            assert all(text.startswith("%(title)s") for text in forms(message))


def test_french_sets_narrow_spaces_before_its_marks() -> None:
    wrong = re.compile(r"(?<![\u202f\d])[:;!?»](?!/)|«(?!\u202f)")
    french = [text for message in messages(catalog("fr")) for text in forms(message)]
    assert [text for text in french if wrong.search(_TAG.sub("", _BLANK.sub("", text)))] == []


@pytest.mark.parametrize(("language", "opened", "closed"), [("de", "„", "“"), ("fr", "«\u202f", "\u202f»"), ("es", "«", "»"), ("ar", "«", "»")])
def test_a_language_has_its_own_quotation_marks(language: str, opened: str, closed: str) -> None:
    say = translations(language).gettext
    assert (say("“"), say("”"), say("“%(text)s”")) == (opened, closed, f"{opened}%(text)s{closed}")
    others = set('“”„«»‹›"') - {opened[0], closed[-1]}
    assert [text for message in messages(catalog(language)) for text in forms(message) if others & set(_TAG.sub("", text))] == []


def test_a_new_language_begins_with_all_texts_and_cldrs_plural_forms() -> None:
    begun_one = read(renewed(begun("pl"), "pl", TEXTS), "pl")
    assert begun_one.num_plurals == 4
    assert [message.id for message in messages(begun_one)] == [message.id for message in messages(TEXTS)]
    assert not any(text for message in messages(begun_one) for text in forms(message))


FOR_EDITORS = ("desk", "notes")  # they read English
TEMPLATES = [
    path
    for kind in ("html", "txt")
    for path in sorted(templates_folder().rglob(f"*.{kind}"))
    if path.relative_to(templates_folder()).parts[0] not in FOR_EDITORS
]
_UNSEEN = re.compile(r"<!--.*?-->|<(style|script)\b.*?</\1>|<[^<>]*>", re.DOTALL)
_HEARD = re.compile(r"""\b(?:alt|title|aria-label|placeholder|label)=["']([^"']*)["']""")
_LETTER = re.compile(r"[^\W\d_]")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(templates_folder())))
def test_a_template_says_nothing_but_through_gettext(path: Path) -> None:
    made = environment((templates_folder() / "editions" / "classic",), SOURCE, "UTC").parse(path.read_text())
    page = "".join(_written(child) for output in made.find_all(nodes.Output) for child in output.nodes)
    said = [*_UNSEEN.sub("\n", page).splitlines(), *_HEARD.findall(page)] if path.suffix == ".html" else page.splitlines()
    assert [line.strip() for line in said if _LETTER.search(unescape(line))] == []


def _written(node: nodes.Node) -> str:
    """What a template itself brings into the page; what it is given, or gets from gettext, is nothing here."""
    if isinstance(node, nodes.TemplateData):
        return node.data
    if isinstance(node, nodes.Const):
        return str(node.value)
    if isinstance(node, nodes.Concat):
        return "".join(map(_written, node.nodes))
    if isinstance(node, nodes.CondExpr):
        return _written(node.expr1) + (_written(node.expr2) if node.expr2 else "")
    if isinstance(node, nodes.Filter) and node.node is not None:
        return _written(node.node)
    return ""
