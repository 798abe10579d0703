"""Names of the people who edit: what may be one, and when two are the same. Pure."""

import unicodedata

from digest.errors import AccountError

LONGEST = 80  # characters, as the tables have them
# Controls, what turns the direction of the text around it, what cannot be seen, line ends, lone surrogates: a line of the log says nothing else than
# what it seems to say.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


RESERVED = {"the program"}  # what the log calls whatever nobody did


def parse_name(text: str) -> str:
    """The name as it is kept and shown: composed (NFC), one space between words. `AccountError` for one that is empty, too long, or holds what cannot
    be seen."""
    name = " ".join(part for part in unicodedata.normalize("NFC", text).split(" ") if part)
    if not name:
        raise AccountError("A name is needed.")
    if any(unicodedata.category(letter) in _HIDDEN for letter in name):
        raise AccountError("A name is one line of letters, digits and signs that can be seen.")
    if len(name) > LONGEST or len(key_of(name)) > LONGEST:
        raise AccountError(f"A name has at most {LONGEST} characters.")
    if key_of(name) in RESERVED:
        raise AccountError(f"“{name}” is nobody's name: the log means the program itself by it.")
    return name


def key_of(name: str) -> str:
    """What is the same for names that look the same but for capitals, width and how accents are put together (NFKC, casefolded)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def harmless(text: str) -> str:
    """A name that somebody else vouches for (the machine, a proxy), made fit to be kept: without what cannot be seen, and cut."""
    seen = "".join(letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) not in _HIDDEN)
    return " ".join(seen.split())[:LONGEST].strip()
