"""Whether a text is in another script than a language is written in: all that can be told of a text's language cheaply and safely."""

import re

_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff"
_CYRILLIC = "\u0400-\u052f"
_ARABIC = "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff"
_HEBREW = "\u0590-\u05ff\ufb1d-\ufb4f"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_LANGUAGES = {
    _LATIN: "en de fr es it nl pt sv da nb nn no fi is pl cs sk sl hr hu ro et lv lt tr ca eu gl ga cy id ms vi af sq",
    _CYRILLIC: "ru uk be bg mk",
    _ARABIC: "ar fa ur",
    _HEBREW: "he yi",
    _HAN: "zh",
    _HAN + "\u3040-\u30ff": "ja",
    "\uac00-\ud7af\u1100-\u11ff": "ko",
    "\u0370-\u03ff\u1f00-\u1fff": "el",
    "\u0900-\u097f": "hi",
    "\u0e00-\u0e7f": "th",
}
_OWN = {language: re.compile(f"[{script}]") for script, languages in _LANGUAGES.items() for language in languages.split()}
_LETTER = re.compile(r"[^\W\d_]")

ENOUGH_LETTERS = 10  # fewer tell nothing
SHARE = 0.1  # Russian about an “iPhone 15 Pro Max” stays Russian
SEEN = 1_000  # characters looked at


def foreign(text: str, language: str) -> bool:
    """True when fewer than a tenth of the letters are of the language's script. Never for a language or a text too short to tell."""
    own = _OWN.get(language.casefold().replace("_", "-").partition("-")[0])
    beginning = text[:SEEN]
    # Most text in a Latin script is nearly all ASCII: that is seen ten times as fast as letter by letter.
    if own is None or (own.match("a") and len(beginning.encode("ascii", "ignore")) > 0.9 * len(beginning)):
        return False
    letters = len(_LETTER.findall(beginning))
    return letters >= ENOUGH_LETTERS and len(own.findall(beginning)) < SHARE * letters
