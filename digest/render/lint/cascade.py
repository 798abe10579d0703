"""The colours, size and weight in which each element's words are seen, in the light or in the dark: a small cascade, for what mails use."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from digest.render.elements import Element, Page
from digest.render.lint.css import Declaration, Rgba, Sheet, colour_of, first_colour, read_declarations, read_sheet
from digest.render.lint.selector import Selector, read_selector

WHITE: Rgba = (1.0, 1.0, 1.0, 1.0)
BLACK: Rgba = (0.0, 0.0, 0.0, 1.0)
NIGHT: Rgba = (0.07, 0.07, 0.07, 1.0)  # what a browser paints where a page that knows the dark names no ground
LINK: Rgba = (0.0, 0.0, 0.93, 1.0)
_HEADINGS = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67}
_LENGTH = re.compile(r"(?<![\w.-])(\d*\.?\d+)(px|pt|em|rem|%)")
_SCHEME = re.compile(r"media\s+(?:only\s+)?(?:(?:screen|all)\s*(?:and\s*)?)?(?:\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\))?")


@dataclass(frozen=True, slots=True)
class Seen:
    """How an element's own words look. `ground` is None over a picture: nobody can tell. `shown` is whether they are seen at all."""

    ink: Rgba
    ground: Rgba | None
    pixels: float
    bold: bool
    shown: bool


@dataclass(frozen=True, slots=True)
class _Given:
    selector: Selector
    declarations: tuple[Declaration, ...]


_Rules = dict[str, list[tuple[tuple[int, int, int], int, _Given]]]


def seen(page: Page, *, dark: bool) -> Iterator[tuple[Element, Seen]]:
    """Every element with how its words look, in the order of the page."""
    rules = _sorted(rule for style in page.styles for rule in _rules(read_sheet(style), dark=dark))
    root = Seen(ink=WHITE if dark else BLACK, ground=NIGHT if dark else WHITE, pixels=16.0, bold=False, shown=True)
    looks: dict[int, Seen] = {}
    for element in page.elements:
        above = looks[id(element.parent)] if element.parent else root
        looks[id(element)] = look = _look(element, above, _style(element, rules))
        yield element, look


def _sorted(rules: Iterable[_Given]) -> _Rules:
    """The rules by a class that they ask for, each with its place among those of equal weight."""
    found: _Rules = {}
    for place, rule in enumerate(rules):
        found.setdefault(rule.selector.key, []).append((rule.selector.weight, place, rule))
    return found


def _rules(sheet: Sheet, *, dark: bool) -> Iterator[_Given]:
    for rule in sheet.rules:
        if all(_is_true(condition, dark=dark) for condition in rule.within):
            yield from (_Given(read_selector(selector), rule.declarations) for selector in rule.selectors)


def _is_true(condition: str, *, dark: bool) -> bool:
    """Widths are left aside: what is asked here is only the colour."""
    found = _SCHEME.fullmatch(condition.strip())
    return found is not None and found[1] in (None, "dark" if dark else "light")


def _style(element: Element, rules: _Rules) -> dict[str, str]:
    """Its properties, the one that was declared last in the end."""
    style: dict[str, str] = {}
    for name, value in _winning(element, rules):
        style.pop(name, None)
        style[name] = value
    return style


def _winning(element: Element, rules: _Rules) -> Iterator[tuple[str, str]]:
    """Every declared property in the order in which later ones win."""
    near = (one for name in ("", *element.classes) for one in rules.get(name, ()))
    meant = sorted((one for one in near if one[2].selector.means(element)), key=lambda one: one[:2])
    sheets = [one for *_, rule in meant for one in rule.declarations]
    own = read_declarations(element.attributes.get("style", ""))
    for important in (False, True):
        for one in (*sheets, *own):
            if one.important == important:
                yield one.name, one.value


def _look(element: Element, above: Seen, style: dict[str, str]) -> Seen:
    hidden = style.get("display") == "none" or style.get("visibility") == "hidden" or style.get("opacity") in ("0", "0.0")
    ground = _ground(element, above, style)
    ink = _ink(element, above, style)
    return Seen(
        ink=over(ink, ground) if ground else ink,
        ground=ground,
        pixels=_pixels(element, above.pixels, style),
        bold=_bold(element, above, style),
        shown=above.shown and not hidden and "hidden" not in element.attributes and element.tag not in ("head", "title", "noscript"),
    )


def _ink(element: Element, above: Seen, style: dict[str, str]) -> Rgba:
    said = style.get("color", "") or element.attributes.get("color" if element.tag == "font" else "text" if element.tag == "body" else "", "")
    plain = LINK if element.tag == "a" and "href" in element.attributes else above.ink
    return above.ink if said == "inherit" else colour_of(said) or plain


def _ground(element: Element, above: Seen, style: dict[str, str]) -> Rgba | None:
    """`background` resets what it does not name, so of the two the later one counts: they are in the order in which they win."""
    said = [(name, value) for name, value in style.items() if name in ("background", "background-color")]
    if "url(" in style.get("background", "") + style.get("background-image", "") or "gradient" in style.get("background-image", ""):
        return None
    colour = next((found for _, value in reversed(said) if (found := first_colour(value))), None)
    if colour is None and not said:
        colour = colour_of(element.attributes.get("bgcolor", ""))
    if colour is None:
        return above.ground
    if colour[3] >= 1:
        return colour
    return over(colour, above.ground) if above.ground else None


def over(colour: Rgba, ground: Rgba) -> Rgba:
    """What is seen of a colour that lets through what is below it."""
    red, green, blue = (part * colour[3] + below * (1 - colour[3]) for part, below in zip(colour[:3], ground[:3], strict=True))
    return red, green, blue, 1.0


def _pixels(element: Element, above: float, style: dict[str, str]) -> float:
    found = _LENGTH.search(style.get("font-size", "")) or _LENGTH.search(style.get("font", ""))
    if found is None:
        return above * _HEADINGS.get(element.tag, 1.0)
    length = float(found[1])
    return {"px": length, "pt": length * 4 / 3, "em": length * above, "rem": length * 16, "%": length * above / 100}[found[2]]


def _bold(element: Element, above: Seen, style: dict[str, str]) -> bool:
    said = style.get("font-weight") or style.get("font", "")
    if said and (found := re.search(r"\b(bold|bolder|normal|lighter|[1-9]00)\b", said)):
        return found[1] in ("bold", "bolder", "600", "700", "800", "900")
    return above.bold or element.tag in ("b", "strong", "th", *_HEADINGS)
