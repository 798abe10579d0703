"""The lines before the mail: what the standards ask for and the big mailbox providers refuse a mail without; and the postal address the law wants."""

from collections.abc import Iterator

from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import Mail

MISSING = Rule(
    id="headers.missing",
    level=Level.ERROR,
    why="RFC 5322 and the mailbox providers' rules for bulk mail ask for it; without it the mail is refused, or lands among the spam.",
    mend="The program writes it: look whether [pages] url is an https address, and whether the relay takes headers out.",
)
TWICE = Rule(
    id="headers.twice",
    level=Level.ERROR,
    why="RFC 5322 allows it once; Gmail refuses a mail with two.",
    mend="Look for what adds it a second time.",
)
ONE_CLICK = Rule(
    id="headers.one-click",
    level=Level.ERROR,
    why="Gmail and Yahoo ask for leaving in one click (RFC 8058) of everybody who sends to many.",
    mend="Set [pages] url to an https address of yours.",
)
LINE = Rule(
    id="headers.line",
    level=Level.ERROR,
    why="RFC 5322 allows lines of 998 bytes; servers break longer ones anywhere, or refuse the mail.",
    mend="This is a fault of the program: please report it.",
)
PARTS = Rule(
    id="headers.parts",
    level=Level.ERROR,
    why="A mail program shows the last part that it understands: the text has to come before the page (RFC 2046).",
    mend="This is a fault of the program: please report it.",
)
POSTAL = Rule(
    id="footer.address",
    level=Level.ERROR,
    why="The law wants the sender's postal address in every mail (CAN-SPAM, and in the EU the imprint).",
    mend="Show {{ look.postal_address }} in the theme's footer, in both parts.",
)
RULES = (MISSING, TWICE, ONE_CLICK, LINE, PARTS, POSTAL)

_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id")
_AT_MOST_ONCE = (*_ONCE, "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence")
LONGEST = 998


def check(mail: Mail) -> Iterator[Finding]:
    if mail.headers is not None:
        yield from _lines(mail)
        yield from _one_click(mail)
    yield from _postal(mail)


def _lines(mail: Mail) -> Iterator[Finding]:
    for name in _ONCE:
        if not mail.header(name):
            yield MISSING.found(f"There is no {name}.")
    for name in _AT_MOST_ONCE:
        if len(mail.header(name)) > 1:
            yield TWICE.found(f"{name} stands there {len(mail.header(name))} times.")
    if mail.longest_line > LONGEST:
        yield LINE.found(f"A line has {mail.longest_line:,} bytes.")
    if mail.parts[:3] != ("multipart/alternative", "text/plain", "text/html"):
        yield PARTS.found(f"It is {' with '.join(mail.parts[:1])}, of {', '.join(mail.parts[1:]) or 'no parts'}.")


def _one_click(mail: Mail) -> Iterator[Finding]:
    ways = [way.strip(" <>") for line in mail.header("List-Unsubscribe") for way in line.split(",")]
    if sum(way.startswith("https://") for way in ways) != 1:
        yield ONE_CLICK.found("List-Unsubscribe names no https address, or several.")
    if mail.header("List-Unsubscribe-Post") != ["List-Unsubscribe=One-Click"]:
        yield ONE_CLICK.found("List-Unsubscribe-Post does not say List-Unsubscribe=One-Click.")


def _postal(mail: Mail) -> Iterator[Finding]:
    address = _letters(mail.about.postal_address)
    for part, content in (("page", mail.page.words), ("plain text", mail.text)):
        if address not in _letters(content):
            yield POSTAL.found(f"The {part} does not show the postal address.")


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
