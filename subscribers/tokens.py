"""Signed tokens for the links in mails. itsdangerous is used here only.

A token is the public id, a dot and its signature: bound to one subscription (or subscriber) and one purpose. It does not
expire, because a way to leave must still work in the oldest mail; leaving twice is harmless.
A dated one says when it was made as well, and whoever reads it says how old it may be: a second yes, a look at one's data.
"""

import hashlib
import re
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from subscribers.errors import BadToken, ExpiredToken, SubscribersError

SIGNATURE_CHARACTERS = 43  # SHA-256 in base64
CANONICAL = re.compile(rf"[A-Za-z0-9_~-]+\.[A-Za-z0-9_-]{{{SIGNATURE_CHARACTERS}}}")
NOT_OURS = "This link is not complete or was not made by us."
TO_URL = bytes.maketrans(b"+/", b"-_")


class Purpose(StrEnum):
    """What a token opens; one made for another purpose opens nothing."""

    LEAVE = "leave"
    PREFERENCES = "preferences"
    VIEW = "view"
    CONFIRM = "confirm"  # dated, of a subscriber: the second yes
    DATA = "data"  # dated, of a subscriber: all that is kept of them, and its end
    STAMP = "stamp"  # dated, of a form: when it was fetched
    WISH = "wish"  # dated, of a form that was sent: what it asked for, handed back to whoever sent it


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    said: str
    at: datetime


def sign(purpose: Purpose, public_id: str, keys: Sequence[str]) -> str:
    """A token of letters, digits, `-`, `_` and one dot, fit for a URL as it is. `keys` newest first: the newest signs."""
    return minter(purpose, tuple(keys))(public_id)


@lru_cache(maxsize=32)
def minter(purpose: Purpose, keys: tuple[str, ...]) -> Callable[[str], str]:
    """`sign` for many: what itsdangerous does for each token, with the key derived once. Three of these are made for every mail."""
    code = authenticator(_signer(purpose, keys).derive_key())

    def mint(public_id: str) -> str:
        return f"{public_id}.{b2a_base64(code(public_id.encode()), newline=False).translate(TO_URL, b'=').decode()}"

    return mint


def authenticator(key: bytes) -> Callable[[bytes], bytes]:
    """HMAC with SHA-256 (RFC 2104) whose two states after the key are kept and copied: half of what `hmac.digest` takes for a short text."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner, outer = hashlib.sha256(bytes(byte ^ 0x36 for byte in block)), hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def code(said: bytes) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(said)
        second.update(first.digest())
        return second.digest()

    return code


def read(purpose: Purpose, token: str, keys: Sequence[str]) -> str:
    """The public id in `token`, if any of `keys` signed it for `purpose`; else `BadToken`, with no more said."""
    try:
        if _canonical(token):
            return _signer(purpose, tuple(keys)).unsign(token).decode()
    except BadSignature:
        pass
    raise BadToken(NOT_OURS)


def sign_dated(purpose: Purpose, said: str, at: datetime, keys: Sequence[str]) -> str:
    """A token like those of `sign`, of `said` (letters, digits, `-` and `_`) and a moment, to the second."""
    return sign(purpose, f"{said}~{int(at.timestamp()):x}", keys)


def read_dated(purpose: Purpose, token: str, keys: Sequence[str], *, now: datetime, lifetime: timedelta) -> Dated:
    """What is in a dated token. `BadToken` as in `read`; `ExpiredToken` when it is older than `lifetime`, or from the future (clocks may differ by a
    minute)."""
    said, mark, moment = read(purpose, token, keys).partition("~")
    if not mark:
        raise BadToken(NOT_OURS)
    at = datetime.fromtimestamp(int(moment, 16), tz=UTC)
    if not now - lifetime <= at <= now + timedelta(minutes=1):
        raise ExpiredToken("This link is too old: ask for a new one.")
    return Dated(said=said, at=at)


def _canonical(token: str) -> bool:
    """Base64 has other spellings of the same signature (loose last bits, strange characters passed over): only ours counts."""
    signature = token[-SIGNATURE_CHARACTERS:]
    return bool(CANONICAL.fullmatch(token)) and base64_encode(base64_decode(signature)).decode() == signature


@lru_cache(maxsize=32)
def _signer(purpose: Purpose, keys: tuple[str, ...]) -> Signer:
    if not keys:
        raise SubscribersError("There is no signing key yet: links cannot be made or read. Make one first (`digest init` does).")
    # itsdangerous wants the newest key last.
    return Signer(list(reversed(keys)), salt=f"subscribers.{purpose}", key_derivation="hmac", digest_method=hashlib.sha256)
