"""Passwords: what may be one, how it is kept, and how many are looked at at once."""

import secrets
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from unicodedata import normalize

from digest.accounts.turns import Turns
from digest.errors import AccountError, SettingsError

SHORTEST, LONGEST = 12, 1_000  # characters; NIST SP 800-63B-4 asks for 15 where nothing stands beside it, and takes 8 beside a second factor
_turns = Turns(at_once=2, in_line=8)  # each takes 64 MiB and four threads for a moment: a thousand strangers must not take the machine


def prepare() -> None:
    """To be called before anybody signs in, so that the first unknown name takes no longer than the second. `SettingsError` where argon2-cffi is not
    there."""
    _nobodys()


def require_good(password: str, *, name: str) -> None:
    """`AccountError` for one that is too short, too long, or is the name. Nothing else is asked of it: rules on signs make none better."""
    if len(password.strip()) < SHORTEST:
        raise AccountError(f"A password has at least {SHORTEST} characters; some words in a row are a good one.")
    if len(password) > LONGEST:
        raise AccountError(f"A password has at most {LONGEST} characters.")
    if len(set(password)) < 5 or (name.casefold() in password.casefold() and len(password) < len(name) + SHORTEST):
        raise AccountError("This password is guessed at once: take some words in a row.")


def hashed(password: str) -> str:
    """As it is kept: Argon2id, with its parameters and salt."""
    with _turns:
        kept: str = _argon().hashed(_bytes(password))
    return kept


def is_right(password: str, kept: str | None) -> bool:
    """Whether `password` is the one whose hash is `kept`. Takes as long where there is none to hold it against, lest the time tell who has an
    account. Raises `TooBusy` while as many others are looked at as may be."""
    with _turns:
        right: bool = _argon().is_right(_bytes(password), kept or _nobodys())
    return right and kept is not None


def is_dated(kept: str) -> bool:
    """Whether a hash should be made anew, now that its password is known."""
    dated: bool = _argon().is_dated(kept)
    return dated


def _bytes(password: str) -> bytes:
    """As it was meant, however a keyboard put its accents together (NFKC, as NIST SP 800-63B-4 has it), and without space around it."""
    return normalize("NFKC", password[: LONGEST + 1]).strip().encode("utf-8", "replace")


def _argon() -> ModuleType:
    try:
        return import_module("digest.accounts.argon")
    except ModuleNotFoundError as error:
        raise SettingsError("Accounts need their extra: pip install 'newsletter-digest[auth]'") from error


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash whose password nobody knows."""
    kept: str = _argon().hashed(secrets.token_bytes(16))
    return kept
