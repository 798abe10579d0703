"""A title made fit for one line of a mail client: no control characters, no shouting, no “Re:”, cut where a reader would stop."""

import re
import unicodedata
from functools import lru_cache

from digest.content.clusters import joins

_REPLY = re.compile(r"\A(?:(?:re|fwd?|aw|wg|tr|rv)\s*:\s*)+", re.IGNORECASE)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{1,2}"  # flags
    "|[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff](?:[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[\U0001f000-\U0001faff\u2600-\u27bf])*"
)
_EXCLAMATION = re.compile("!")
_BLANKS = re.compile("[^\\S\u202f]+")  # all but the narrow no-break space of French
# Where a long title may end without a mark: after a whole clause.
_CLAUSE_END = re.compile(r"(?=\s[–—|]\s|:\s|;\s|\?\s|\s\()")
SHORTEST_CLAUSE = 20


@lru_cache(maxsize=2_048)  # the titles of an edition come again in thousands of readers' selections
def headline(title: str) -> str:
    """One line, with at most one “!” and one emoji, not in capitals throughout."""
    text = _one_line(title)
    text = _once(_EMOJI, text)
    text = _once(_EXCLAMATION, text)
    text = _REPLY.sub("", _BLANKS.sub(" ", text).strip())
    return calm(text) if len(text) > 6 else text


def calm(text: str) -> str:
    """Without shouting: what is in capitals throughout becomes a plain sentence."""
    return text.capitalize() if text.isupper() else text


def cut(text: str, limit: int) -> str:
    """At most `limit` characters: whole, or up to the end of a clause, or between words with an ellipsis; never inside a grapheme."""
    if len(text) <= limit:
        return text
    ends = [found.start() + (text[found.start()] == "?") for found in _CLAUSE_END.finditer(text, 0, limit) if found.start() < limit]
    if ends and ends[-1] >= SHORTEST_CLAUSE:
        return text[: ends[-1]].rstrip()
    end = limit - 1
    blank = text.rfind(" ", 0, limit)
    if blank > limit // 2:
        end = blank
    while end > 1 and joins(text, end):
        end -= 1
    return text[:end].rstrip(" ,;:–—-.(") + "…"


def _one_line(text: str) -> str:
    """Control and invisible characters become blanks; the joiner inside an emoji stays."""
    return "".join(" " if _is_unfit(character) else character for character in text)


def _is_unfit(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != "\u200d"


def _once(pattern: re.Pattern[str], text: str) -> str:
    """Keeps the first match only."""
    first = pattern.search(text)
    return text if first is None else text[: first.end()] + pattern.sub("", text[first.end() :])
