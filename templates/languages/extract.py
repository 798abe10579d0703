"""Gathers every text that a reader sees and brings the catalogs beside it up to date: `make words` (docs/languages.md).

With the tag of a new language (`make words NEW=it`) its catalog is begun.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from babel.plural import to_gettext

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
_TEMPLATES = {"trimmed": "true", "silent": "false"}  # as in digest/render/environment.py; a broken template is not passed over
_CALLS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
_HEAD = """# {name}. How readers are spoken to:
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {forms}\\n"
"""
_NOTE = "Translators:"  # begins a comment that goes to the translator: {# Translators: … #} or # Translators: …


def gather() -> Catalog:
    """All texts, in the order of the files; each with the files it is in and the notes above it."""
    found = Catalog()
    for path, method in _sources():
        calls = _CALLS if method == "jinja2" else {**_CALLS, "mark": None}
        with path.open("rb") as file:
            for line, text, notes, context in extract(method, file, calls, [_NOTE], _TEMPLATES, strip_comment_tags=True):
                found.add(text, locations=[(path.relative_to(ROOT).as_posix(), line)], auto_comments=notes, context=context)
    return found


def _sources() -> Iterator[tuple[Path, str]]:
    for folder in ("editions", "letters", "pages"):
        yield from ((path, "jinja2") for path in sorted((ROOT / "templates" / folder).rglob("*")) if path.suffix in (".html", ".txt"))
    yield from ((path, "python") for path in sorted((ROOT / "digest").rglob("*.py")))


def read(text: str, language: str) -> Catalog:
    return read_po(BytesIO(text.encode()), locale=language.replace("-", "_"), abort_invalid=True)


def renewed(text: str, language: str, texts: Catalog) -> str:
    """The catalog `text` with exactly these texts. What is new in it has no translation yet; nothing is guessed. Its head stays as it was."""
    catalog = read(text, language)
    catalog.update(texts, no_fuzzy_matching=True)
    written = BytesIO()
    write_po(written, catalog, width=120, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return text.partition("\n\n")[0] + "\n\n" + written.getvalue().decode().lstrip("\n")


def begun(language: str) -> str:
    """The head of a new language's catalog, with the plural forms that CLDR gives it."""
    locale = Locale.parse(language, sep="-")
    # CLDR's `e` is the exponent of a number written like “1.2 million”: whole numbers are written out here.
    forms = re.sub(r"\be\b", "0", to_gettext(locale.plural_form))
    return _HEAD.format(name=locale.english_name, language=language, forms=forms)


def main(new: list[str]) -> None:
    texts = gather()
    for language in new:
        if not (path := FOLDER / f"{language}.po").exists():
            path.write_text(begun(language))
    for path in sorted(FOLDER.glob("*.po")):
        path.write_text(made := renewed(path.read_text(), path.stem, texts))
        missing = sum(1 for message in read(made, path.stem) if message.id and not any(message.string))
        print(f"{path.name}: {len(texts)} texts, {missing} to translate")  # noqa: T201 - a script's answer


if __name__ == "__main__":
    main(sys.argv[1:])
