"""Quoted-printable (RFC 2045, 6.7) whose pieces may be put one after another in any order."""

import re

# A line may have 76 columns. One is for the soft break, two for a dot or “From ” that has to be hidden at its start.
_COLUMNS = 73
_SOFT = b"=\r\n"
_EQUALS = ord("=")
_TO_HIDE = (b".", b"From ")
_UNSAFE = re.compile(rb"[^\n\t -<>-~]|[ \t](?=\n)")
# How the regular expression of a line begins that `encode_plain` takes: it makes two lines at most, and neither has a start to be hidden.
PLAIN = rf"(?!\.|From )(?!.{{{_COLUMNS}}}(?:\.|From ))(?!.{{{2 * _COLUMNS + 1}}})"


def encode(text: str) -> bytes:
    """Text as quoted-printable that begins and ends at the start of a line, so that whatever follows it cannot make a line too long.

    Line ends become CRLF. No line begins with a dot (relays that mishandle dots lose it) or with “From ” (mailboxes mark it).
    """
    raw = text.encode("utf-8", "replace")
    lines = _UNSAFE.sub(_escape, raw).split(b"\n")
    *whole, last = (b"=\r\n".join(_pieces(line)) for line in lines)
    return b"".join(line + b"\r\n" for line in whole) + (last + b"=\r\n" if last else b"")


def encode_plain(text: str) -> bytes:
    """The same for one line of printable ASCII without “=” that matches `PLAIN`, as most values do: twenty times as fast."""
    raw = text.encode()
    return raw + _SOFT if len(raw) <= _COLUMNS else raw[:_COLUMNS] + _SOFT + raw[_COLUMNS:] + _SOFT


def _escape(found: re.Match[bytes]) -> bytes:
    return b"=%02X" % found[0][0]


def _pieces(line: bytes) -> list[bytes]:
    pieces = []
    while len(line) > _COLUMNS:
        end = _COLUMNS
        if line[end - 1] == _EQUALS:
            end -= 1
        elif line[end - 2] == _EQUALS:
            end -= 2
        pieces.append(_hide(line[:end]))
        line = line[end:]
    pieces.append(_hide(line))
    return pieces


def _hide(piece: bytes) -> bytes:
    if piece.startswith(_TO_HIDE):
        return b"=%02X%b" % (piece[0], piece[1:])
    return piece
