"""What is on the page: pictures, tables and headings, as somebody meets them who does not see them."""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from digest.render.elements import Element, Page
from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import Mail

ALT = Rule(
    id="pictures.alt",
    why="Many readers have pictures switched off, and some do not see them: the alt text is all they get (WCAG 1.1.1).",
    mend='Describe the picture where the article has it; for decoration write alt="".',
)
FILE_NAME = Rule(
    id="pictures.file-name",
    level=Level.NOTE,
    why="A file's name says nothing to somebody who does not see the picture.",
    mend="Describe the picture where the article has it.",
)
SIDES = Rule(
    id="pictures.size",
    why="Without width and height the page jumps while pictures load, and Outlook shows the file's own size.",
    mend="Write both as attributes, in pixels; for the logo set [publication] logo_width and logo_height.",
)
PLACE = Rule(
    id="pictures.address",
    why="Only pictures at https addresses are loaded everywhere: Gmail shows no data: picture, and an http one gives readers away.",
    mend="Put the picture on your site and name its whole https address.",
)
ROLE = Rule(
    id="tables.role",
    why="A screen reader announces the rows and columns of every layout table that does not say it is one.",
    mend='Write <table role="presentation"> in the theme.',
)
ONE = Rule(
    id="headings.one",
    why="Who moves by headings looks for one title, and for the rest below it (WCAG 1.3.1).",
    mend="Keep h1 for the newsletter's title in the theme's masthead.",
)
ORDER = Rule(
    id="headings.order",
    why="A level that is left out sounds as if something were missing (WCAG 1.3.1).",
    mend="Let each heading be one level below the one it belongs to; set its size by a style.",
)
EMPTY = Rule(
    id="headings.empty",
    why="A screen reader stops at it and has nothing to say.",
    mend="Leave the heading out where there are no words for it.",
)
RULES = (ALT, FILE_NAME, SIDES, PLACE, ROLE, ONE, ORDER, EMPTY)

_FILE = re.compile(r"(?i)[\w.()-]+\.(?:jpe?g|png|gif|webp|avif|svg)|(?:img|dsc|pxl|image|screenshot)[_-]?\d+")


def check(mail: Mail) -> Iterator[Finding]:
    yield from _pictures(mail.page)
    for table in mail.page.named("table"):
        if table.attributes.get("role") not in ("presentation", "none"):
            yield ROLE.found("A layout table lacks role=presentation: screen readers will announce rows and columns.", table.spot)
            break
    yield from _headings(mail.page)


def _pictures(page: Page) -> Iterator[Finding]:
    for picture in page.named("img"):
        source, alt = picture.attributes.get("src", ""), picture.attributes.get("alt")
        shown = source[:80] or "without an address"
        if alt is None:
            yield ALT.found(f"The picture {shown} has no alt text.", picture.spot)
        elif _FILE.fullmatch(alt.strip()):
            yield FILE_NAME.found(f"The picture {shown} is described by a file’s name, “{alt.strip()}”.", picture.spot)
        if not all(picture.attributes.get(side, "").isdigit() for side in ("width", "height")):
            yield SIDES.found(f"The picture {shown} lacks its width or height.", picture.spot)
        if not _is_https(source):
            yield PLACE.found(f"The picture {shown} is not at an https address.", picture.spot)


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.netloc)


def _headings(page: Page) -> Iterator[Finding]:
    headings = list(page.named("h1", "h2", "h3", "h4", "h5", "h6"))
    levels = [_level(heading) for heading in headings]
    if levels.count(1) != 1 or levels[0] != 1:
        yield ONE.found("There must be exactly one h1, before all other headings.", headings[0].spot if headings else "")
    for above, heading in pairwise(headings):
        if _level(heading) > _level(above) + 1:
            yield ORDER.found(f"The heading “{heading.name}” skips a level: {above.tag} is followed by {heading.tag}.", heading.spot)
    for heading in headings:
        if not heading.name:
            yield EMPTY.found(f"An {heading.tag} is empty.", heading.spot)


def _level(heading: Element) -> int:
    return int(heading.tag[1])
