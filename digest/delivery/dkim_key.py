"""Private keys that sign mails: made, read from PEM, and judged. Loaded only where keys are declared: `cryptography` costs time and memory."""

import base64
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from digest.delivery.dkim import Key
from digest.errors import SettingsError

Kind = Literal["rsa", "ed25519"]
# RFC 8301 3.2: signers use 2048 bits at least; a receiver need not verify more than 4096.
SMALLEST, LARGEST = 2048, 4096


def new_key(kind: Kind) -> str:
    """A new private key, as PEM (PKCS #8)."""
    private = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(public_exponent=65537, key_size=SMALLEST)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_key(pem: str, *, selector: str, domain: str, about: str) -> Key:
    """The key in `pem`. What cannot sign, or would not be believed, is a `SettingsError` that begins with `about`."""
    private = _private(pem, about)
    if isinstance(private, Ed25519PrivateKey):
        return _ed25519(private, selector, domain)
    if isinstance(private, RSAPrivateKey):
        if not SMALLEST <= private.key_size <= LARGEST:
            raise SettingsError(f"{about} is an RSA key of {private.key_size} bits; it must have {SMALLEST} to {LARGEST} (RFC 8301).")
        return _rsa(private, selector, domain)
    raise SettingsError(f"{about} is neither an RSA nor an Ed25519 key: no receiver could verify it.")


def _private(pem: str, about: str) -> object:
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise SettingsError(f"{about} is locked with a password; write one without (openssl pkey -in OLD -out NEW).") from None
    except (ValueError, UnsupportedAlgorithm):
        raise SettingsError(f"{about} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----).") from None


def _rsa(private: RSAPrivateKey, selector: str, domain: str) -> Key:
    padding, algorithm = PKCS1v15(), SHA256()
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Key(
        selector=selector,
        domain=domain,
        algorithm="rsa-sha256",
        public=base64.b64encode(public).decode(),
        sign=lambda data: private.sign(data, padding, algorithm),
    )


def _ed25519(private: Ed25519PrivateKey, selector: str, domain: str) -> Key:
    return Key(
        selector=selector,
        domain=domain,
        algorithm="ed25519-sha256",
        public=base64.b64encode(private.public_key().public_bytes_raw()).decode(),
        sign=lambda data: private.sign(sha256(data).digest()),  # RFC 8463 3: the hash is signed, not the text
    )
