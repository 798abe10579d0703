"""Whether a CSS selector means an element: types, classes, ids, attributes, and what they stand in. What a reader does (:hover) never is."""

import re
from dataclasses import dataclass
from functools import lru_cache

from digest.render.elements import Element

_PART = re.compile(
    r"(?P<kind>[.#])(?P<name>[\w-]+)|\[\s*(?P<key>[\w-]+)\s*(?:(?P<how>[~^$*|]?=)\s*[\"']?(?P<value>[^\"'\]]*)[\"']?\s*)?\]|(?P<tag>[\w-]+|\*)"
)
_CHAIN = re.compile(r"\s*([>+~\s])\s*")


@dataclass(frozen=True, slots=True)
class _Compound:
    tag: str
    classes: frozenset[str]
    id: str
    attributes: tuple[tuple[str, str, str], ...]

    def means(self, element: Element) -> bool:
        given = element.attributes
        return (
            self.tag in ("", "*", element.tag)
            and self.classes <= element.classes
            and self.id in ("", given.get("id"))
            and all(_holds(given.get(key), how, value) for key, how, value in self.attributes)
        )


@dataclass(frozen=True, slots=True)
class Selector:
    """`weight` is its specificity. Where `steps` is None it can mean no element that stands still."""

    steps: tuple[tuple[str, _Compound], ...] | None  # the last first; each with what parts it from the one before it
    weight: tuple[int, int, int]

    @property
    def key(self) -> str:
        """A class that an element must have to be meant; empty where it needs none."""
        return min(self.steps[0][1].classes, default="") if self.steps else ""

    def means(self, element: Element) -> bool:
        if self.steps is None or not self.steps[0][1].means(element):
            return False
        here: Element | None = element
        for (apart, _), (_, compound) in zip(self.steps, self.steps[1:], strict=False):
            here = here.parent if here else None
            while here and apart == " " and not compound.means(here):
                here = here.parent
            if here is None or not compound.means(here):
                return False
        return True


@lru_cache(maxsize=2_000)
def read_selector(text: str) -> Selector:
    """`:root` is the html element; other pseudo-classes, and neighbours (+, ~), are taken to mean nothing."""
    text = text.strip().replace(":root", "html")
    marks = _CHAIN.sub(lambda found: found[1] if found[1] in ">+~" else " ", text)
    pieces = re.findall(r"(^|[>+~ ])((?:\[[^\]]*\]|[^>+~ ])+)", marks)
    compounds = [(apart, _compound(piece)) for apart, piece in pieces]
    whole = ":" not in re.sub(r"\[[^\]]*\]", "", text) and not any(apart in "+~" and apart for apart, _ in compounds)
    steps = tuple((apart or " ", compound) for apart, compound in reversed(compounds))
    return Selector(steps if whole and steps else None, _weight([compound for _, compound in compounds]))


def _compound(piece: str) -> _Compound:
    tag, identity, classes, attributes = "", "", set(), []
    for found in _PART.finditer(piece):
        if found["kind"] == ".":
            classes.add(found["name"])
        elif found["kind"] == "#":
            identity = found["name"]
        elif found["key"]:
            attributes.append((found["key"].lower(), found["how"] or "", found["value"] or ""))
        else:
            tag = found["tag"].lower()
    return _Compound(tag, frozenset(classes), identity, tuple(attributes))


def _weight(compounds: list[_Compound]) -> tuple[int, int, int]:
    return (
        sum(bool(one.id) for one in compounds),
        sum(len(one.classes) + len(one.attributes) for one in compounds),
        sum(one.tag not in ("", "*") for one in compounds),
    )


def _holds(given: str | None, how: str, value: str) -> bool:
    if given is None:
        return False
    tests = {
        "": True,
        "=": given == value,
        "~=": value in given.split(),
        "^=": given.startswith(value),
        "$=": given.endswith(value),
        "*=": value in given,
        "|=": given == value or given.startswith(f"{value}-"),
    }
    return tests[how]
