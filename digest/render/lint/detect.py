"""Which features of caniemail's table a page uses, and where first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from tomllib import loads
from urllib.parse import urlsplit

from digest.render.elements import Element, Page
from digest.render.lint.css import Declaration, Sheet, functions_and_units, read_declarations, read_sheet
from digest.render.lint.table import data

_PSEUDO = re.compile(r"::?([\w-]+)")


@dataclass(frozen=True, slots=True)
class Use:
    """`text` is what detectors.toml has a pattern for, among those of `kind`; `spot` the element, empty in a sheet."""

    kind: str
    text: str
    spot: str = ""


@dataclass(slots=True)
class Used:
    """A feature on the page: where first, and how often."""

    slug: str
    spot: str
    times: int = 0
    bitten: bool = False  # whether what is known in part only is in use


def used(page: Page) -> dict[str, Used]:
    """Each feature that the page uses, by its name in the table. What stands under a condition (@media) counts as that condition alone: who does not
    know it shows the page without."""
    found: dict[str, Used] = {}
    for use in _uses(page):
        for slug in _slugs(use.kind, use.text):
            here = found.setdefault(slug, Used(slug, use.spot))
            here.times += 1
            here.spot = here.spot or use.spot
            here.bitten = here.bitten or _bites(slug, use.text)
    return found


def _bites(slug: str, text: str) -> bool:
    """Whether a program that knows the feature in part fails at this use of it."""
    pattern = detectors()["partly"].get(slug)
    return pattern is None or re.fullmatch(pattern, text, re.DOTALL) is not None


@cache
def detectors() -> dict[str, dict[str, str]]:
    """What detectors.toml says, by kind."""
    return loads(data("detectors.toml"))


@lru_cache(maxsize=5_000)
def _slugs(kind: str, text: str) -> tuple[str, ...]:
    return tuple(slug for slug, pattern in detectors()[kind].items() if re.fullmatch(pattern, text, re.DOTALL))


def _uses(page: Page) -> Iterator[Use]:
    yield from _whole(page)
    for style in page.styles:
        yield from _in_sheet(read_sheet(style))
        if "/*" in style:
            yield Use("page", "css-comments")
    for element in page.elements:
        yield from _in_element(element)


def _whole(page: Page) -> Iterator[Use]:
    if page.doctype.lower() == "doctype html":
        yield Use("page", "doctype")
    if page.comments:
        yield Use("page", "comments")


def _in_element(element: Element) -> Iterator[Use]:
    spot, given = element.spot, element.attributes
    yield Use("element", element.tag, spot)
    for name, value in given.items():
        yield Use("attribute", f"{name}={value}", spot)
    declarations = read_declarations(given.get("style", ""))
    hidden = any((one.name, one.value) == ("display", "none") for one in declarations)
    for declaration in declarations:
        # What else is said of something hidden is for programs that show it all the same.
        if not hidden or declaration.name == "display":
            yield from _in_declaration(declaration, spot)
    if element.tag in ("input", "button"):
        yield Use("page", f"input {given.get('type', 'text').lower()}", spot)
    if element.tag == "meta" and given.get("name") == "color-scheme":
        yield Use("page", "meta color-scheme", spot)
    if element.tag == "img":
        yield Use("image", _format(given.get("src", "")), spot)
    if element.tag == "a":
        yield from _in_link(given.get("href", ""), spot)


def _format(source: str) -> str:
    if source.startswith("data:"):
        return "base64"
    try:
        return urlsplit(source).path.rpartition(".")[2].lower()
    except ValueError:
        return ""


def _in_link(target: str, spot: str) -> Iterator[Use]:
    if target.startswith("#"):
        yield Use("page", "anchors", spot)
    elif target.startswith("mailto:"):
        yield Use("page", "mailto", spot)


def _in_sheet(sheet: Sheet) -> Iterator[Use]:
    for at in sheet.at:
        name, _, prelude = at.partition(" ")
        yield Use("at", name)
        if prelude:
            yield Use("at", f"{name} {prelude}")
    if sheet.nested:
        yield Use("page", "nesting")
    for rule in (rule for rule in sheet.rules if not rule.within):
        if len(rule.selectors) > 1:
            yield Use("page", "grouping")
        for selector in rule.selectors:
            yield Use("selector", selector)
            yield from (Use("pseudo", name) for name in _PSEUDO.findall(selector))
        for declaration in rule.declarations:
            yield from _in_declaration(declaration, "")


def _in_declaration(declaration: Declaration, spot: str) -> Iterator[Use]:
    yield Use("declaration", f"{declaration.name}: {declaration.value.lower()}", spot)
    functions, units = functions_and_units(declaration.value)
    yield from (Use("function", name, spot) for name in functions)
    yield from (Use("unit", name, spot) for name in units)
    if declaration.important:
        yield Use("page", "important", spot)
