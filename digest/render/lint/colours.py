"""Whether everything can be read: the publication's palette, and every word of the mail on the ground it stands on, in light and in dark."""

from collections import defaultdict
from collections.abc import Iterator

from digest.publication import Colours
from digest.render.contrast import contrast
from digest.render.elements import Element
from digest.render.lint.cascade import Seen, seen
from digest.render.lint.css import Rgba
from digest.render.lint.finding import Finding, Rule
from digest.render.lint.mail import Mail

READABLE = 4.5  # WCAG 2, 1.4.3 for text of ordinary size
LARGE = 3.0  # … and for text of 24 pixels, or of 18.66 that is bold
PALETTE = Rule(
    id="colours.palette",
    why="Letters that are too like their ground cannot be read by everybody, or in the sun (WCAG 1.4.3).",
    mend="Change one of the two in [publication.colours]: darker letters in light, lighter ones in dark.",
)
LIGHT = Rule(
    id="contrast.light",
    why="Letters that are too like their ground cannot be read by everybody, or in the sun (WCAG 1.4.3).",
    mend="Change the colour in [publication.colours], or in the theme's style.css.",
)
DARK = Rule(
    id="contrast.dark",
    why="Who reads in the dark gets letters that are too like their ground (WCAG 1.4.3).",
    mend="Change the colour ending in _dark in [publication.colours], or give the element a class of the theme's dark.css.",
)
RULES = (PALETTE, LIGHT, DARK)

_ON_GROUNDS = ("ink", "quiet", "accent")
_Pair = tuple[str, str, float]


def check(mail: Mail) -> Iterator[Finding]:
    if mail.about.colours:
        yield from _palette(mail.about.colours)
    yield from _measured(mail, LIGHT, dark=False)
    if any("prefers-color-scheme" in style for style in mail.page.styles):
        yield from _measured(mail, DARK, dark=True)


def _palette(colours: Colours) -> Iterator[Finding]:
    for end, scheme in (("", "light"), ("_dark", "dark")):
        pairs = [(name, ground) for ground in ("paper", "ground") for name in _ON_GROUNDS]
        # What stands on the accent is the paper's colour in light, the ground's in dark.
        pairs.append(("ground" if end else "paper", "accent"))
        for front, back in pairs:
            ratio = contrast(getattr(colours, front + end), getattr(colours, back + end))
            if ratio < READABLE:
                yield PALETTE.found(f"In the {scheme} palette {front} on {back} has a contrast of {ratio:.1f}; text needs {READABLE}.")


def _measured(mail: Mail, rule: Rule, *, dark: bool) -> Iterator[Finding]:
    """One finding for each pair of colours, at the first place where it stands."""
    poor: dict[_Pair, list[Element]] = defaultdict(list)
    for element, look in seen(mail.page, dark=dark):
        if look.shown and look.ground and any(letter.isalnum() for letter in element.own):
            pair = _written(look.ink), _written(look.ground), _needed(look)
            if contrast(pair[0], pair[1]) < pair[2]:
                poor[pair].append(element)
    for (ink, ground, needed), elements in poor.items():
        words = " ".join(elements[0].own.split())
        more = f", and {len(elements) - 1} more" if len(elements) > 1 else ""
        ratio = contrast(ink, ground)
        yield rule.found(f"“{words[:60]}”{more}: {ink} on {ground} has a contrast of {ratio:.1f}; it needs {needed}.", elements[0].spot)


def _needed(look: Seen) -> float:
    return LARGE if look.pixels >= 24 or (look.bold and look.pixels >= 18.66) else READABLE


def _written(colour: Rgba) -> str:
    return "#" + "".join(f"{round(min(max(part, 0), 1) * 255):02x}" for part in colour[:3])
