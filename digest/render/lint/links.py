"""Where links lead, what they are called, and whether the way out is among them."""

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from digest.render.elements import Element
from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import Mail

ADDRESS = Rule(
    id="links.address",
    level=Level.ERROR,
    why="A mail has no address of its own that a relative link could be meant from: for every reader it leads nowhere.",
    mend="Write the whole address, with https://.",
)
PLAIN = Rule(
    id="links.plain",
    why="What is read over http can be read and changed on the way, and browsers warn of it.",
    mend="Name the https address; most sites have one.",
)
NAME = Rule(
    id="links.name",
    why="A screen reader reads out the address instead, letter by letter (WCAG 2.4.4).",
    mend="Put words into the link, an alt text on its picture, or an aria-label.",
)
VAGUE = Rule(
    id="links.vague",
    why="Who goes from link to link hears only its words (WCAG 2.4.4).",
    mend="Name what is behind it: the headline, or “All 12 comments on …”; an aria-label will do.",
)
SAME = Rule(
    id="links.same",
    why="Links of one name are taken for one place (WCAG 2.4.4).",
    mend="Tell them apart in words, or by an aria-label that names the article.",
)
LEAVE = Rule(
    id="links.leave",
    level=Level.ERROR,
    why="The law and the mailbox providers ask for a link to leave that everybody can see, in both parts.",
    mend="Show {{ holes.unsubscribe }} in body.html and body.txt.",
)
RULES = (ADDRESS, PLAIN, NAME, VAGUE, SAME, LEAVE)

# In each language that there are texts in.
_VAGUE = frozenset(
    """here|click here|read more|more|link|this|continue|learn more|details
    |hier|hier klicken|mehr|weiterlesen|mehr lesen|mehr erfahren|weiter
    |aquí|haga clic aquí|haz clic aquí|leer más|más|seguir leyendo|ver más
    |ici|cliquez ici|lire la suite|en savoir plus|plus|voir plus
    |هنا|اضغط هنا|انقر هنا|المزيد|اقرأ المزيد""".replace("\n    ", "").split("|")
)
_OTHER_WAYS = ("mailto", "tel")  # lead to a program, and not to a page


def check(mail: Mail) -> Iterator[Finding]:
    named: dict[str, dict[str, Element]] = defaultdict(dict)
    for link in mail.page.named("a"):
        target = link.attributes.get("href", "")
        yield from _target(link, target)
        yield from _words(link, target)
        named[link.name].setdefault(target, link)
    for name, places in named.items():
        if name and len(places) > 1:
            *_, last = places.values()
            yield SAME.found(f"The link text “{name}” leads to {len(places)} different places.", last.spot)
    yield from _way_out(mail)


def _target(link: Element, target: str) -> Iterator[Finding]:
    try:
        parts = urlsplit(target)
    except ValueError:
        parts = urlsplit("")
    said = f"The link “{link.name}” leads to {target[:80]!r}, which is no full https address."
    if parts.scheme in _OTHER_WAYS and parts.path:
        return
    if parts.scheme == "http" and parts.netloc:
        yield PLAIN.found(said, link.spot)
    elif parts.scheme != "https" or not parts.netloc:
        yield ADDRESS.found(said, link.spot)


def _words(link: Element, target: str) -> Iterator[Finding]:
    if not link.name:
        yield NAME.found(f"The link to {target} has no text.", link.spot)
    elif link.name.casefold().strip(" .…→←»›") in _VAGUE:
        yield VAGUE.found(f"The link text “{link.name}” does not say where it leads.", link.spot)


def _way_out(mail: Mail) -> Iterator[Finding]:
    """It is the address that List-Unsubscribe names."""
    ways = [way.strip(" <>") for line in mail.header("List-Unsubscribe") for way in line.split(",")]
    for way in (way for way in ways if way.startswith("https://")):
        if way not in {link.attributes.get("href", "") for link in mail.page.named("a")}:
            yield LEAVE.found("No link of the page leads to where readers leave.")
        if way not in mail.text:
            yield LEAVE.found("The plain text has no address to leave at.")
