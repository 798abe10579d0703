"""Argon2id. argon2-cffi (the extra `auth`) is used here only, so that a desk without accounts needs none of it: see `passwords`."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()  # RFC 9106's second choice: 64 MiB, three rounds, four lanes


def hashed(password: bytes) -> str:
    """With its parameters and salt."""
    return _HASHER.hash(password)


def is_right(password: bytes, kept: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_dated(kept: str) -> bool:
    """Whether it was made with other parameters than those of now."""
    return _HASHER.check_needs_rehash(kept)
