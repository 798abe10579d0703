"""What is published of a key in DNS (RFC 6376 3.6): the record, ready to be pasted, and whether what is published is that."""

from collections.abc import Sequence

from digest.delivery.dkim import Key

LONGEST = 255  # of one string in a TXT record (RFC 1035 3.3)


def record(key: Key) -> str:
    """The record's text as one string: `v=DKIM1; k=rsa; p=…`."""
    return f"v=DKIM1; k={key.algorithm.partition('-')[0]}; p={key.public}"


def zone_lines(key: Key) -> str:
    """The record as a zone file has it, in strings that are short enough."""
    text = record(key)
    strings = (f'"{text[at : at + LONGEST]}"' for at in range(0, len(text), LONGEST))
    return f"{key.name}. IN TXT (\n" + "\n".join(f"    {string}" for string in strings) + "\n)"


def trouble(key: Key, published: Sequence[str]) -> str:
    """Why receivers will not believe the key's signatures, given the TXT records at its name; empty when they will."""
    records = [tags(text) for text in published if "p" in tags(text)]
    if not records:
        return "is not published: put the record into DNS (`digest dkim show`); it may take some hours until it is seen."
    if len(records) > 1:
        return "has several records: receivers may take any of them; leave only the right one."
    return _difference(key, records[0])


def _difference(key: Key, found: dict[str, str]) -> str:
    kind, _, hashed = key.algorithm.partition("-")
    if not found["p"]:
        return "is published as revoked (p= is empty)."
    if found.get("v", "DKIM1") != "DKIM1" or found.get("k", "rsa") != kind or hashed not in found.get("h", hashed).split(":"):
        return f"is published for something else than {key.algorithm}: publish it as `digest dkim show` has it."
    if found["p"] != key.public:
        return "is published with another key: either the record is old, or the wrong key file is declared."
    if "y" in found.get("t", "").split(":"):
        return "is published for testing only (t=y): receivers treat the mails as unsigned; take t=y out."
    return ""


def tags(text: str) -> dict[str, str]:
    """A record's tags; blanks within a value do not count."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip(): "".join(value.split()) for name, mark, value in pairs if mark}
