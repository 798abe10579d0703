"""Those who judge our signatures: dkimpy, opendkim, and for Ed25519 dkimpy's canonical form with a bare verification."""

import base64
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import dkim
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from digest.delivery.dkim import Key
from digest.delivery.dkim_key import Kind, new_key, read_key
from digest.delivery.dkim_record import record
from tests.conftest import missing

DOMAIN = "lanternquay.example"


@cache
def pem(kind: Kind) -> str:
    return new_key(kind)


@cache
def key(kind: Kind, domain: str = DOMAIN) -> Key:
    return read_key(pem(kind), selector=f"s-{kind}", domain=domain, about="The key")


def both() -> list[Key]:
    return [key("rsa"), key("ed25519")]


def dkimpy_believes(message: bytes) -> bool:
    """Whether dkimpy verifies the first signature, which has to be of RSA."""
    records = {f"{one.name}.".encode(): record(one).encode() for one in both()}
    verdict: bool = dkim.verify(message, dnsfunc=lambda name, timeout=5: records.get(name))
    return verdict


def ed25519_holds(message: bytes) -> bool:
    """Whether the last signature verifies, which has to be of Ed25519. dkimpy needs PyNaCl for it: here it only says what is signed."""
    headers, body = dkim.rfc822_parse(message)
    own = [header for header in headers if header[0].lower() == b"dkim-signature"][-1]
    tags = dkim.util.parse_tag_value(own[1])
    policy = dkim.CanonicalizationPolicy.from_c_value(tags[b"c"])
    hashed = sha256()
    names = [name.strip().lower() for name in tags[b"h"].split(b":")]
    dkim.hash_headers(hashed, policy, policy.canonicalize_headers(headers), names, own, tags)
    if base64.b64encode(sha256(policy.canonicalize_body(body)).digest()) != tags[b"bh"]:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key("ed25519").public)).verify(base64.b64decode(tags[b"b"]), hashed.digest())
    except InvalidSignature:
        return False
    return True


def opendkim_says(messages: Sequence[bytes], folder: Path) -> list[list[str]]:
    """Of each message, what opendkim finds of each signature: pass, fail …"""
    if not shutil.which("opendkim"):
        missing("opendkim", "the program is not installed")
    (folder / "keys").write_text("".join(f"{one.name} {record(one)}\n" for one in both()))
    (folder / "conf").write_text(f"Mode v\nSyslog no\nTestPublicKeys {folder / 'keys'}\n")
    files = [folder / f"{number}.eml" for number in range(len(messages))]
    for file, message in zip(files, messages, strict=True):
        file.write_bytes(message)
    program = ["opendkim", "-vvv", "-x", str(folder / "conf"), "-t", ",".join(map(str, files))]
    said = subprocess.run(program, capture_output=True, text=True, check=True, timeout=60).stdout
    results = [re.findall(r"dkim=(\w+)", block) for block in said.split("hname='Authentication-Results'")[1:]]
    assert len(results) == len(messages), said
    return results
