"""A browser in which somebody has signed in before: known again, so that a stranger who guesses at a name shuts nobody out of their own browser
(OWASP's device cookies). It opens nothing by itself."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

SECONDS = 180 * 24 * 3600  # half a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Familiar:
    """`account` signed in there; `browser` is a word for it, and for no other."""

    account: int
    browser: str


def mark(keys: Sequence[str], account: int) -> str:
    """What the browser keeps."""
    said = f"{account}.{secrets.token_urlsafe(12)}"
    return f"{said}.{_signature(keys[0], said)}"


def read(keys: Sequence[str], text: str) -> Familiar | None:
    """What `mark` wrote, if one of our keys signed it."""
    said, _, signature = text.rpartition(".")
    given = signature.encode("utf-8", "replace")
    if not any(hmac.compare_digest(given, _signature(key, said).encode()) for key in keys):
        return None
    account, _, browser = said.partition(".")
    return Familiar(account=int(account), browser=browser)


def put(response: Response, name: str, text: str, *, secure: bool) -> None:
    response.set_cookie(name, text, max_age=SECONDS, path="/", secure=secure, httponly=True, samesite="strict")


def _signature(key: str, said: str) -> str:
    return hmac.digest(key.encode(), f"desk.familiar:{said}".encode("utf-8", "replace"), "sha256").hex()
