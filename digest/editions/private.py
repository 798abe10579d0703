"""Whether a text holds what must not be mailed on: an e-mail address, a telephone number, a licence plate.

Each pattern would rather lose a comment than print a number: a lost one costs a quote, a printed one somebody's peace.
"""

import re

from digest.editions.words import ADDRESS, has_address

# No open-ended run before the mark: a megabyte without a blank would take a million steps for each of its letters.
_EMAIL = re.compile(r"[^\s@<>()\"',;]@[^\s@<>()\"',;]{1,250}?\.[^\W\d_]{2}")
_SPELT_EMAIL = re.compile(r"[\[({] ?(?:at|@) ?[\])}] ?\w", re.IGNORECASE)  # name (at) example
_TELEPHONE = re.compile(
    r"(?<![\w.,])\+\d[\d\s()./-]{6,17}\d"  # +49 30 1234567
    r"|(?<!\d)\(?\d{3}\)?[\s.-]\s?\d{3}[\s.-]\d{4}(?!\d)"  # (555) 010-4477
    r"|(?<![\d.,/-])(?!\d\d?[./-]\d\d?[./-]\d)0\d{1,4}[\s/-](?=(?:[\s-]?\d){5})\d{2,4}(?:[\s-]?\d{2,4}){1,3}(?!\d)"  # 020 7946 0958, 0171/1234567
    r"|(?<![\d.,])\d{10,12}(?![\d.,]\d|\d)"
    r"|(?i:\b(?:call|phone|telephone|tel|text|mobile|cell|whatsapp)\b)\D{0,20}\d{3}[\s.-]?\d{4}(?!\d)"
)
_PLATE = re.compile(
    r"\b[A-Z]{2}\d{2}[ -]?[A-Z]{3}\b"  # AB12 CDE
    r"|\b[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ -]?\d{1,4}\b"  # B-AB 1234
    r"|\b[A-Z]{2}[ -]\d{3}[ -]?[A-Z]{2}\b"  # AB-123-CD
    r"|\b[A-Z]{3}-\d{4}\b(?!-)"  # ABC-1234
    r"|\b(?i:plates?|registration)\b[^.\n]{0,25}?\b(?=[A-Z -]*\d)(?=[\d -]*[A-Z])[A-Z0-9]{2,4}[ -]?[A-Z0-9]{2,4}\b"
)
SHORTEST_NUMBER = 7  # digits
_DIGIT = re.compile(r"[0-9]")


def private(text: str) -> str:
    """What `text` holds that must not be mailed on, in a word or two; empty when there is nothing."""
    if ("@" in text and _EMAIL.search(text)) or (any(map(text.__contains__, "([{")) and _SPELT_EMAIL.search(text)):
        return "an e-mail address"
    if not _DIGIT.search(text):
        return ""
    bare = ADDRESS.sub(" ", text) if has_address(text) else text  # the digits of a link are nobody's number
    if len(_DIGIT.findall(bare)) >= SHORTEST_NUMBER and _TELEPHONE.search(bare):
        return "what looks like a telephone number"
    if _PLATE.search(bare):
        return "what looks like a licence plate"
    return ""
