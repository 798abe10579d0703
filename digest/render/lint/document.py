"""The document around the words: its language and direction, its title, its colour schemes; and what has no place in a mail."""

import re
from collections.abc import Iterator

from digest.render.elements import Element
from digest.render.language import direction
from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import Mail

LANGUAGE = Rule(
    id="document.language",
    why="A screen reader speaks the mail in the language that its html element names; without one it guesses (WCAG 3.1.1).",
    mend='Write <html lang="{{ look.language }}"> in the theme\'s body.html.',
)
DIRECTION = Rule(
    id="document.direction",
    why="Arabic and Hebrew begin at the right: without dir the page is laid out the wrong way round.",
    mend='Write <html dir="{{ look.direction }}"> in the theme\'s body.html.',
)
TITLE = Rule(
    id="document.title",
    why="The title is what a screen reader says first, and what stands on the tab when the mail is read in a browser.",
    mend="Write <title>{{ holes.subject }}</title> in the theme's head.",
)
SCHEME = Rule(
    id="document.scheme",
    why="Mail programs that are told of a dark palette use it; others turn colours as they like.",
    mend='Write <meta name="color-scheme" content="light dark"> in the theme\'s head.',
)
ELEMENT = Rule(
    id="forbidden.element",
    level=Level.ERROR,
    why="Mail programs take it out, and filters take the mail for an attack.",
    mend="Take it out of the theme; lead to a page of yours instead.",
)
SCRIPT = Rule(
    id="forbidden.script",
    level=Level.ERROR,
    why="No mail program runs it, and filters take the mail for an attack.",
    mend="Take the attribute out of the theme.",
)
IMPORT = Rule(
    id="forbidden.import",
    why="Stylesheets elsewhere are not loaded; Gmail drops the whole style element over it.",
    mend="Write the rules into the theme's style.css.",
)
RULES = (LANGUAGE, DIRECTION, TITLE, SCHEME, ELEMENT, SCRIPT, IMPORT)

_FORBIDDEN = ("script", "form", "input", "button", "select", "textarea", "iframe", "object", "embed", "video", "audio", "link", "base")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def check(mail: Mail) -> Iterator[Finding]:
    page = mail.page
    root = next(page.named("html"), Element("html", {}))
    yield from _language(root)
    if not next(page.named("title"), Element("title", {})).text.strip():
        yield TITLE.found("The page has no title.")
    if "color-scheme" not in {meta.attributes.get("name") for meta in page.named("meta")}:
        yield SCHEME.found("No color-scheme is declared, so mail programs invert the colours as they like.")
    for element in page.named(*_FORBIDDEN):
        yield ELEMENT.found(f"<{element.tag}> has no place in a mail.", element.spot)
    for element in page.elements:
        for name in element.attributes:
            if name.startswith("on"):
                yield SCRIPT.found(f"<{element.tag}> carries a script in {name}.", element.spot)
    if any("@import" in style for style in page.styles):
        yield IMPORT.found("An external stylesheet is imported.")


def _language(root: Element) -> Iterator[Finding]:
    language = root.attributes.get("lang", "")
    if not language:
        yield LANGUAGE.found("The html element names no language.")
    elif not _TAG.fullmatch(language):
        yield LANGUAGE.found(f"“{language}” is no language; write it like en, or pt-BR.")
    elif direction(language) == "rtl" and root.attributes.get("dir", "").lower() != "rtl":
        yield DIRECTION.found(f"The page is in “{language}”, which is written from the right, and says nothing of it.")
