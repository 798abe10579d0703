"""The marks that stand in a drawn page for what is filled or cut later.

A mark is of letters and digits only, so that escaping, lxml and premailer leave it as it is. Its key is made from the
edition's own content and is sure not to occur in it: no title and no comment can be mistaken for a mark.
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import count

from markupsafe import Markup

from digest.render.compiled import Hole

_PLAIN = re.compile(r"[^0-9a-z]+")


def key_for(content: str) -> str:
    """Ten hexadecimal digits, always the same for the same content, and never found in it (nor across its spaces and line ends)."""
    plain = _PLAIN.sub("", content.casefold())
    keys = (hashlib.sha256(f"{turn}:{content}".encode("utf-8", "replace")).hexdigest()[:10] for turn in count())
    return next(key for key in keys if key not in plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    key: str

    def hole(self, hole: Hole) -> str:
        return f"NLx{self.key}x{hole.name}x"

    def html_begin(self, block: str) -> Markup:
        return Markup("<!--NLx{}x begin {}-->").format(self.key, block)

    def html_end(self, block: str) -> Markup:
        return Markup("<!--NLx{}x end {}-->").format(self.key, block)

    def text_begin(self, block: str) -> str:
        return f"NLx{self.key}x begin {block}"

    def text_end(self, block: str) -> str:
        return f"NLx{self.key}x end {block}"

    @property
    def html_pattern(self) -> re.Pattern[str]:
        """Finds each mark of a page: groups `edge` and `block` of a border, or `hole`; `link` when the hole is a whole href.

        A border on a line of its own goes with its line end: what is left out of a page leaves no empty lines.
        """
        border = rf"(?P<own>^)?<!--NLx{self.key}x (?P<edge>begin|end) (?P<block>[a-z0-9-]+)-->(?(own)\n?)"
        return re.compile(rf'{border}|(?P<link>(?<=href="))?NLx{self.key}x(?P<hole>[A-Z]+)x', re.MULTILINE)

    @property
    def text_pattern(self) -> re.Pattern[str]:
        """The same for plain text, where a border is a line of its own and goes with its line end."""
        border = rf"^NLx{self.key}x (?P<edge>begin|end) (?P<block>[a-z0-9-]+)\n"
        return re.compile(rf"{border}|(?P<link>(?!))?NLx{self.key}x(?P<hole>[A-Z]+)x", re.MULTILINE)
