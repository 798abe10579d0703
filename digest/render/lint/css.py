"""Style sheets and style attributes as plain values. Owner of tinycss2."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2
import tinycss2.color4

Rgba = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Declaration:
    name: str
    value: str
    important: bool = False


@dataclass(frozen=True, slots=True)
class StyleRule:
    """A rule of a sheet: its selectors, and the at-rules around it, outermost first (“media (max-width: 599px)”)."""

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """`at` are its at-rules with their preludes, wherever they stand; `nested` is whether a rule stands within a rule."""

    rules: tuple[StyleRule, ...]
    at: tuple[str, ...]
    nested: bool = False


@lru_cache(maxsize=2_000)  # a theme says the same of many elements, and a page is gone through for light, for dark and for its features
def read_declarations(style: str) -> tuple[Declaration, ...]:
    """Of a style attribute, or of what stands in a rule's braces; what is no declaration is left out."""
    return tuple(
        Declaration(one.lower_name, tinycss2.serialize(one.value).strip(), one.important)
        for one in tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
        if one.type == "declaration"
    )


@lru_cache(maxsize=64)  # the mail in each language brings the same
def read_sheet(css: str) -> Sheet:
    rules: list[StyleRule] = []
    at: list[str] = []
    nested = False
    for found, within in _walk(css, ()):
        if isinstance(found, str):
            at.append(found)
        else:
            content = tinycss2.serialize(found.content)
            rules.append(StyleRule(tuple(_parted(found.prelude)), read_declarations(content), within))
            nested = nested or any(one.type == "qualified-rule" for one in tinycss2.parse_blocks_contents(found.content))
    return Sheet(tuple(rules), tuple(at), nested)


def _parted(prelude: list[Any]) -> Iterator[str]:
    """The selectors of a list: a comma in brackets parts nothing."""
    selector: list[Any] = []
    for token in (*prelude, None):
        if token is None or (token.type == "literal" and token.value == ","):
            if text := tinycss2.serialize(selector).strip():
                yield text
            selector = []
        else:
            selector.append(token)


def _walk(css: Any, within: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Each at-rule by its name and prelude, and each rule as tinycss2 has it, with the at-rules around it."""
    for node in tinycss2.parse_rule_list(css, skip_comments=True, skip_whitespace=True):
        if node.type == "qualified-rule":
            yield node, within
        elif node.type == "at-rule":
            name = f"{node.lower_at_keyword} {tinycss2.serialize(node.prelude).strip()}".strip()
            yield name, within
            if node.content is not None and node.lower_at_keyword in ("media", "supports", "layer", "container"):
                yield from _walk(node.content, (*within, name))


@lru_cache(maxsize=2_000)
def colour_of(value: str) -> Rgba | None:
    """A colour with its parts from 0 to 1; None where it is none, or one that hangs on something else (currentColor, a variable)."""
    found = tinycss2.color4.parse_color(value)
    if found is None or isinstance(found, str):
        return None
    try:
        plain = found.to("srgb")
    except NotImplementedError:  # lab() and its kin: no mail program to speak of knows them
        return None
    red, green, blue = (float(part or 0) for part in plain.coordinates)
    return red, green, blue, float(found.alpha)


@lru_cache(maxsize=2_000)
def first_colour(value: str) -> Rgba | None:
    """The first colour within a shorthand: `background: #fff url(…)`."""
    for token in tinycss2.parse_component_value_list(value, skip_comments=True):
        found = colour_of(tinycss2.serialize([token])) if token.type in ("ident", "hash", "function") else None
        if found:
            return found
    return None


@lru_cache(maxsize=2_000)
def functions_and_units(value: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the functions in a value, at any depth (calc, var, linear-gradient), and its units (px, em, %)."""
    names = list(_tokens(tinycss2.parse_component_value_list(value)))
    return frozenset(function for function, _ in names if function), frozenset(unit for _, unit in names if unit)


def _tokens(nodes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if node.type == "function":
            yield node.lower_name, ""
            yield from _tokens(node.arguments)
        elif node.type == "dimension":
            yield "", node.lower_unit
        elif node.type == "percentage":
            yield "", "%"
        elif node.type in ("() block", "[] block"):
            yield from _tokens(node.content)
