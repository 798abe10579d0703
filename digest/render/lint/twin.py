"""The plain text: that it is there, and says what the page says."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from digest.render.elements import Element, Page
from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import Mail

EMPTY = Rule(
    id="text.empty",
    level=Level.ERROR,
    why="Some readers, watches and screen readers show the text part alone, and filters mistrust a mail without one.",
    mend="Write the theme's body.txt.",
)
LINKS = Rule(
    id="text.links",
    why="Who reads the text cannot follow what is only linked on the page.",
    mend="Write the address into the theme's body.txt, where its words are.",
)
HEADINGS = Rule(
    id="text.headings",
    why="Who reads the text does not get what the page has under this heading.",
    mend="Let body.txt show the same blocks as body.html.",
)
WORDS = Rule(
    id="text.words",
    why="The two parts are meant to say the same; filters compare them, for spam hides behind one of them.",
    mend="Let body.txt show the same blocks as body.html, with the same excerpts and quotes.",
)
MARKUP = Rule(
    id="text.markup",
    why="Nobody turns it into letters: readers see the markup itself.",
    mend="In body.txt show values as they are, without tags and without |e.",
)
RULES = (EMPTY, LINKS, HEADINGS, WORDS, MARKUP)

MOST_MISSING = 0.25  # of the page's words: buttons and alt texts have no place in the text
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+")
_WORD = re.compile(r"\w{3,}")
_MARKUP = re.compile(r"</?(?:p|br|a|div|span|table|td|tr|strong|em|h[1-6]|ul|ol|li|img)\b[^>]*>|&(?:nbsp|amp|lt|gt|quot|#\d{2,5}|zwnj);")


def check(mail: Mail) -> Iterator[Finding]:
    if not mail.text.strip():
        yield EMPTY.found("The plain text part is empty.")
        return
    yield from _links(mail)
    yield from _headings(mail)
    yield from _words(mail)
    found = _MARKUP.search(mail.text)
    if found and found[0] not in mail.about.words:
        yield MARKUP.found(f"The plain text holds markup: {found[0][:60]!r}.")


def _links(mail: Mail) -> Iterator[Finding]:
    written = {end for found in _ADDRESS.findall(mail.text) for end in (found, found.rstrip(").,"), found.rstrip(">"))}
    links = {link.attributes.get("href", ""): link for link in mail.page.named("a")}
    for target in sorted(links.keys() - written):
        address = target.removeprefix("mailto:").partition("?")[0]
        if not (target.startswith(("mailto:", "tel:")) and address in mail.text):
            yield LINKS.found(f"{target} is linked in the HTML and missing in the plain text.", links[target].spot)


def _headings(mail: Mail) -> Iterator[Finding]:
    text = _letters(mail.text)
    for heading in mail.page.named("h1", "h2", "h3"):
        if _letters(heading.text) not in text:
            yield HEADINGS.found(f"The heading “{heading.name}” is missing in the plain text.", heading.spot)


def _words(mail: Mail) -> Iterator[Finding]:
    on_page = Counter(_said(mail.page))
    missing = on_page - Counter(_WORD.findall(_folded(mail.text)))
    share = missing.total() / max(on_page.total(), 1)
    if on_page.total() >= 40 and share > MOST_MISSING:  # of fewer words the names of buttons are too large a part
        yield WORDS.found(f"{share:.0%} of the page’s words are missing in the plain text, like {_some(missing)}.")


def _said(page: Page) -> Iterator[str]:
    """The words of the page that everybody is meant to read."""
    for element in page.elements:
        if element.own.strip() and not any(_is_aside(one) for one in element.around()):
            yield from _WORD.findall(_folded(element.own))


def _is_aside(element: Element) -> bool:
    return element.tag in ("head", "title") or element.attributes.get("aria-hidden") == "true"


def _some(words: Counter[str]) -> str:
    return ", ".join(f"“{word}”" for word, _ in sorted(words.items(), key=lambda one: (-one[1], one[0]))[:3])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _letters(text: str) -> str:
    """Only letters and digits: lines are broken elsewhere, and headings stand in capitals."""
    return "".join(one for one in _folded(text) if one.isalnum())
