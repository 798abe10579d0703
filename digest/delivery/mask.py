"""What may be kept of a relay's words: no reader's address, one line, a few hundred characters."""

import re

CHARACTERS = 300
LOOKED_AT = 2_000  # looking for addresses in an endless word is quadratic
ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]*@[^\s<>()\[\]\"',;:]*")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


def mask(text: str) -> str:
    if "@" not in text and len(text) <= CHARACTERS and text.isprintable():  # nearly always
        return text.strip()
    return ADDRESS.sub("…@…", CONTROLS.sub(" ", text)[:LOOKED_AT]).strip()[:CHARACTERS]
