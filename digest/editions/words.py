"""Words of a text: how many there are, and which of them say something."""

import re
from collections.abc import Iterable

from digest.editions.lexicon import Lexicon

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
OTHER_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
UNSPACED = CJK + OTHER_UNSPACED
CJK_CHARACTERS = 2  # to a word
OTHER_CHARACTERS = 6

_UNSPACED = re.compile(f"[{UNSPACED}]")
_CJK = re.compile(f"[{CJK}]")
_SPACED_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ANY_WORD = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])[^\W_])+(?:['-](?:(?![{UNSPACED}])[^\W_])+)*")
# Of ASCII letters and digits; anything else but an apostrophe or a hyphen parts words, and so do these where they stand between no two of them.
_ASCII = {code: chr(code) if chr(code).isalnum() or chr(code) in "'-" else " " for code in range(128)}
_LOOSE_MARK = re.compile(r"(?<![a-z0-9])['-]|['-](?![a-z0-9])")
_DIGIT = re.compile(r"[0-9]")
_SENTENCE_END = re.compile(r"[.!?…][\"”’)\]]*[ \t]|[。！？]|\n+")

ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def words(text: str) -> list[str]:
    """The words of `text` in order, in lower case, with plain apostrophes; single characters where a script has no spaces."""
    plain = text.lower().replace("’", "'")
    if plain.isascii():  # most text is: in a third of the time of the pattern below
        apart = plain.translate(_ASCII)
        return (_LOOSE_MARK.sub(" ", apart) if "'" in apart or "-" in apart else apart).split()
    return (_ANY_WORD if _UNSPACED.search(plain) else _SPACED_WORD).findall(plain)


def length(text: str, found: list[str], lists: Lexicon | None) -> float:
    """How long `text` is, in words; `found` are its `words`. Without word lists a word is six characters, or two of Chinese, Japanese or Korean."""
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    cjk = len(_CJK.findall(text)) if unspaced else 0
    packed = cjk / CJK_CHARACTERS + (unspaced - cjk) / OTHER_CHARACTERS
    if lists is None:
        return (len(text.strip()) - unspaced) / OTHER_CHARACTERS + packed
    return len(found) - unspaced + packed


def has_address(text: str) -> bool:
    """Whether a web address stands in `text`."""
    # To look for one letter first costs less than to make all letters small.
    return ("://" in text or (("w." in text or "W." in text) and "www." in text.lower())) and ADDRESS.search(text) is not None


def has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None


def sentences(text: str) -> int:
    """How many sentences, at least one; a line's end ends one as well."""
    return len(_SENTENCE_END.findall(text.strip().rstrip("。！？"))) + 1


def telling(found: Iterable[str], lists: Lexicon | None) -> frozenset[str]:
    """The words that say what a text is about: no stop words; where there is no list of those, none below four letters."""
    if lists is not None:
        return frozenset(found) - lists.stop_words
    return frozenset(word for word in found if len(word) > 3 or not word.isalpha() or _UNSPACED.match(word))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words by all words, 0 … 1; 0 when either is empty."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
