"""Mail addresses: what is taken, what tells two spellings of one mailbox from two mailboxes, and what goes over the wire."""

import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from subscribers.errors import BadAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`address` is as the person writes it; `key` is equal for every spelling that reaches the same mailbox."""

    address: str
    key: str


def parse_address(text: str) -> Address:
    """The address in `text`, blanks around it taken off. Looks nothing up. `BadAddress` says what is wrong, without repeating the address."""
    found = _validated(text.strip())
    # By RFC 5322 this is a local part like any other; but there are programs that decode it (RFC 2047), and then it may hold a line end.
    if "=?" in found.local_part:
        raise BadAddress("An address does not hold “=?”: that begins an encoded word.")
    # RFC 5321 lets a host tell Ann@ from ann@; none that people use does, and the same reader twice is the worse mistake.
    local = unicodedata.normalize("NFC", found.local_part.lower())
    return Address(address=found.normalized, key=f"{local}@{found.ascii_domain}")


def ascii_form(address: str) -> str:
    """The address as SMTP takes it: the domain in its ASCII form. Only a local part beyond ASCII (SMTPUTF8) stays as it is: test with `isascii()`."""
    if address.isascii():
        return address
    found = _validated(address)
    return f"{found.local_part}@{found.ascii_domain}"


def masked(address: str) -> str:
    """a•••@example.org: enough for whoever knows the address to recognise it, and for nobody else to write to it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _validated(text: str) -> ValidatedEmail:
    try:
        # `.test` is reserved for try-outs (RFC 2606) and reaches nobody: no reason to turn a rehearsal down.
        return validate_email(text, check_deliverability=False, strict=True, test_environment=True)
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from None
