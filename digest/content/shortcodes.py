"""WordPress's square-bracket codes, taken out of text that is to be read by people."""

import re
from collections.abc import Iterator

# Codes of WordPress itself that come without attributes or an end; anything else must look like a code to be taken for one: “[sic]” stays.
BARE = {"audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption"}
# These hold what is no running text: an address, or the words under a picture.
WITH_CONTENT = ("audio", "caption", "embed", "playlist", "video", "wp_caption", "quote")

_EDGE = re.compile(rf"\[(/?)({'|'.join(WITH_CONTENT)})\b[^\[\]]*\]", re.IGNORECASE)
_CODE = re.compile(r"\[(/?)([a-z][a-z0-9_-]*)((?:\s[^\[\]]*)?)\]", re.IGNORECASE)


def without_shortcodes(text: str) -> str:
    """Codes of pictures, players and quotations go with what they hold; of any other code only the brackets go."""
    text = "".join(_outside(text))
    ended = {name.lower() for closing, name, _ in _CODE.findall(text) if closing}

    def replacement(found: re.Match[str]) -> str:
        closing, name, attributes = found.groups()
        is_code = bool(closing) or "=" in attributes or "_" in name or name.lower() in BARE | ended
        return "" if is_code else found[0]

    return _CODE.sub(replacement, text)


def _outside(text: str) -> Iterator[str]:
    """What is not between a code and its next end. One way through: a thousand codes without an end cost no thousand searches for it."""
    edges = list(_EDGE.finditer(text))
    after: dict[str, int] = {}  # name → where its next end ends
    ends: list[int] = []
    for edge in reversed(edges):
        name = edge[2].lower()
        ends.append(after.get(name, -1))
        if edge[1]:
            after[name] = edge.end()
    position = 0
    for edge, end in zip(edges, reversed(ends), strict=True):
        if edge.start() >= position and not edge[1] and end >= 0:
            yield text[position : edge.start()]
            position = end
    yield text[position:]
