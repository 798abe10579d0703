"""Proof of work: a form that cost its sender a second of computing is dear to send a million times."""

import hashlib

MAXIMUM_ANSWER = 20  # digits; the page counts upwards from 0


def proven(challenge: str, answer: str, bits: int) -> bool:
    """Whether the SHA-256 of challenge, colon and answer begins with so many zero bits. What has to be found is in `templates/pages/prove.js`."""
    if not bits:
        return True
    if not (answer.isascii() and answer.isdigit() and len(answer) <= MAXIMUM_ANSWER):
        return False
    found = hashlib.sha256(f"{challenge}:{answer}".encode()).digest()
    return int.from_bytes(found[:4]) >> (32 - bits) == 0
