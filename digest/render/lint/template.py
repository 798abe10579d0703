"""What a template left behind: marks that were not filled, and braces."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import Mail

LEFT = Rule(
    id="template.left",
    level=Level.ERROR,
    why="Every reader would see that something was not filled in.",
    mend="Look for it in the theme, the introduction, the subject and the greeting.",
)
LOOKS = Rule(
    id="template.looks",
    level=Level.NOTE,
    why="It is what an author or commenter wrote, so it is left as it is; but it looks like something that was not filled in.",
    mend="Nothing has to be done; an editor may choose another title, excerpt or comment.",
)
RULES = (LEFT, LOOKS)

# Our own marks and braces; {name} as in a greeting; and what other programs fill in: *|FNAME|*, [[name]], %%name%%.
_LOOKS = re.compile(
    r"NLx[0-9a-f]{10}x|\{\{[^{}]{0,80}\}\}|\{%[^{}]{0,80}%\}|\{\{|\}\}|\{%|%\}|\{[a-z_]+\}|\*\|[A-Z_:]+\|\*|\[\[[a-z_ ]+\]\]|%%[a-z_]+%%"
)

_BETWEEN = re.compile(r"[\s>|]+")


def check(mail: Mail) -> Iterator[Finding]:
    theirs = _bare(mail.about.words)
    for part, content in _contents(mail):
        found = [one[0] for one in _LOOKS.finditer(" ".join(content.split()))]
        ours = [one for one in found if _bare(one) not in theirs]
        if ours:
            yield LEFT.found(f"The {part} holds {ours[0]!r}, which looks like unresolved template text.", _spot(mail, ours[0], part))
        elif found:
            yield LOOKS.found(f"The {part} holds {found[0]!r}, as somebody wrote it.", _spot(mail, found[0], part))


def _contents(mail: Mail) -> Iterator[tuple[str, str]]:
    """What can be read of the mail, and where its links lead."""
    words = " ".join(element.own for element in mail.page.elements)
    attributes = (value for element in mail.page.elements for name, value in element.attributes.items() if name not in ("style", "class"))
    yield "HTML", f"{words} {unquote(' '.join(attributes))}"
    yield "text", mail.text
    if mail.subject is not None:
        yield "subject", mail.subject


def _spot(mail: Mail, found: str, part: str) -> str:
    """Where on the page it stands first."""
    said = ((element, " ".join([element.own, *(unquote(value) for value in element.attributes.values())])) for element in mail.page.elements)
    return next((element.spot for element, text in said if part == "HTML" and found in " ".join(text.split())), "")


def _bare(text: str) -> str:
    """Without what the plain text puts between words that are quoted: line ends, and the marks before lines."""
    return _BETWEEN.sub("", text)
