"""The first words of a text, cut where a reader would stop: at a sentence's end if one is near, else between words."""

import re
from dataclasses import dataclass

from digest.content.clusters import joins

# A sentence's end counts from this share of the limit on; before it, a cut between words tells more.
SENTENCE_FROM = 0.6
# Scripts written without blanks: characters to a word, as in the comment score (docs/choosing.md).
CJK_CHARACTERS = 2
OTHER_CHARACTERS = 6
# What is longer is no word but an address or a keyboard mashed: it counts as several.
LONG_WORD = 40
# How far past the limit the end of a quotation is looked for.
LOOK_AHEAD = 2_000

_CJK = "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_THAI_AND_KIN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
_UNIT = re.compile(rf"[^\S\n]*(?:(?P<cjk>[{_CJK}])|(?P<thai>[{_THAI_AND_KIN}])|(?P<word>[^\s{_CJK}{_THAI_AND_KIN}]++))|\n+")
_UNSPACED = re.compile(f"[{_CJK}{_THAI_AND_KIN}]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<![\w-])[\w-]++(?:\.[\w-]++)++/\S*|@[\w.-]+")
_QUOTATION = re.compile(r"“[^“”\n]*”|„[^„“”\n]*[“”]|«[^«»\n]*»|「[^「」\n]*」|『[^『』\n]*』|(?<!\w)\"[^\"\n]*\"(?!\w)")
_SENTENCE_END = re.compile(rf"[.!?…]+[)\]”“’»\"']*(?=\s|$|[{_CJK}])|[。！？｡؟।]+[」』”’）]*|\S(?=\n\n)")
# What a full stop may follow without ending a sentence: an initial, a day, a short form.
_SHORT_FORM = re.compile(r"(?:\b[^\W\d_]|\b\d{1,2}|\b(?:mr|mrs|ms|dr|prof|st|sr|jr|vs|etc|no|nr|bzw|ca|approx))\.$", re.IGNORECASE)
_LOOSE = frozenset(" \n,;:–—-([{“„«「『‘")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """`text` ends without a mark; where `cut` is true, the template sets one."""

    text: str
    cut: bool


def excerpt(text: str, words: int, *, paragraphs: bool = False) -> Cut:
    """The beginning of `text`, unaltered and at most `words` words long (two characters of Chinese, Japanese or Korean are one word).

    Whitespace becomes single blanks; with `paragraphs`, lines and the empty lines between paragraphs stay. The cut is never inside a
    grapheme cluster, an address or a mention, nor inside a quotation unless the text begins with one that is too long.
    """
    whole = _spaced(text, paragraphs=paragraphs)
    limit = _reach(whole, words)
    if limit == len(whole):
        return Cut(text=whole, cut=False)
    near = whole[: limit + LOOK_AHEAD]
    return Cut(text=whole[: _place(near, _reach(near, words * SENTENCE_FROM), limit)].rstrip(), cut=True)


def _spaced(text: str, *, paragraphs: bool) -> str:
    if not paragraphs:
        return " ".join(text.split())
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _reach(text: str, words: float) -> int:
    """How many characters of `text` are within that many words. A single endless word is counted by its length."""
    spent = 0.0
    for unit in _UNIT.finditer(text):
        weight = _weight(unit)
        if spent + weight > words + 1e-9:
            is_first = spent == 0
            return min(int(words * LONG_WORD), len(unit[0]) - 1) if is_first and unit["word"] else unit.start()
        spent += weight
    return len(text)


def _weight(unit: re.Match[str]) -> float:
    if unit["cjk"]:
        return 1 / CJK_CHARACTERS
    if unit["thai"]:
        return 1 / OTHER_CHARACTERS
    return max(1.0, len(unit["word"]) / LONG_WORD) if unit["word"] else 0.0


def _place(text: str, earliest: int, limit: int) -> int:
    addresses = [found.span() for found in _ADDRESS.finditer(text)]
    whole = addresses + [found.span() for found in _QUOTATION.finditer(text)]
    return (
        _last_sentence_end(text, earliest, limit, whole)
        or _last_gap(text, limit, whole)
        or _last_sentence_end(text, earliest, limit, addresses)
        or _last_gap(text, limit, addresses)
        or _last_cluster(text, limit, addresses)
    )


def _last_sentence_end(text: str, earliest: int, limit: int, whole: list[Span]) -> int:
    """The last place from `earliest` to `limit` where a sentence ends, 0 if there is none."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text) if earliest <= found.end() <= limit]
    return next((end for end in reversed(ends) if _ends_sentence(text, end) and _may_cut(text, end, whole)), 0)


def _ends_sentence(text: str, end: int) -> bool:
    goes_on = text[end : end + 3].lstrip()[:1].islower()
    return not goes_on and not _SHORT_FORM.search(text, max(0, end - 12), end)


def _last_gap(text: str, limit: int, whole: list[Span]) -> int:
    """The last place up to `limit` between two words, less what must not stand at an end; 0 if there is none."""
    gaps = (position for position in range(limit, 0, -1) if _is_gap(text, position) and _may_cut(text, position, whole))
    return next((end for gap in gaps if (end := _without_loose_end(text, gap, whole))), 0)


def _is_gap(text: str, position: int) -> bool:
    return text[position].isspace() or bool(_UNSPACED.match(text, position) or _UNSPACED.match(text, position - 1))


def _without_loose_end(text: str, end: int, whole: list[Span]) -> int:
    while end and text[end - 1] in _LOOSE and _may_cut(text, end - 1, whole):
        end -= 1
    return end


def _last_cluster(text: str, limit: int, addresses: list[Span]) -> int:
    return next((position for position in range(limit, 0, -1) if _may_cut(text, position, addresses)), 0)


def _may_cut(text: str, position: int, whole: list[Span]) -> bool:
    return not joins(text, position) and not any(start < position < end for start, end in whole)
