"""Header lines as bytes: quoted, encoded (RFC 2047) and folded (RFC 5322), fast enough to be made once per reader.

The standard library folds a long `List-Unsubscribe` into encoded words, which breaks one-click, and takes thirty times
as long for a name. Whatever the text, a line made here is one header: a line end in it is refused or becomes a blank.
"""

import binascii
import re
from collections.abc import Iterator

WIDTH = 76  # RFC 2047 2: of a line that holds an encoded word
WORD = 75  # RFC 2047 2: of an encoded word
FRAME = len("=?utf-8?q??=")
FOLD = b"\r\n "
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
# A name that needs neither quotes nor encoding, and what may not stand in an address within angle brackets.
SIMPLE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029<>,;\"]")
NO_URI = re.compile(r"[^\x21-\x3b=\x3f-\x7e]|,")
WEBLINK = re.compile(r"https?://[\x21-\x3b=\x3f-\x7e]+")
# What may stand in an encoded word within a phrase (RFC 2047 5 (3)), by its byte: itself, "_" for a blank, or =XX.
Q = [f"={byte:02X}".encode() for byte in range(256)]
for _byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/":
    Q[_byte] = bytes([_byte])
Q[0x20] = b"_"


def is_mailbox(address: str) -> bool:
    """Whether it may stand in a header: one name@host, without what would begin or end another."""
    name, _, host = address.rpartition("@")
    return bool(name and host) and not CONTROLS.search(address) and not any(character in address for character in ' <>()[],;:"\\')


def plain(name: str, value: str) -> bytes:
    """A header whose value is ASCII and stands as it is: a token, a date, a type. Anything else is a ValueError."""
    if not value.isascii() or CONTROLS.search(value):
        raise ValueError(f"{name} must be one line of ASCII")
    return b"%b: %b\r\n" % (name.encode(), value.encode())


def text(name: str, value: str) -> bytes:
    """A header for people (Subject). A control character is a ValueError: two lines would be two headers."""
    if CONTROLS.search(value):
        raise ValueError(f"{name} must be one line without control characters")
    if value.isascii() and "=?" not in value and (folded := _folded(name, value)):
        return folded
    return b"%b: %b\r\n" % (name.encode(), _encoded(value, len(name) + 2))


def mailbox(name: str, person: str, address: str) -> bytes:
    """A header with one address: From, To, Reply-To. Control characters in the person's name become blanks; in the address they are a ValueError."""
    if UNFIT.search(address):
        raise ValueError(f"the address in {name} is no e-mail address")
    if len(name) + len(person) + len(address) < WIDTH - 5 and (not person or (SIMPLE.fullmatch(person) and "=?" not in person)):
        return f"{name}: {person}{' ' if person else ''}<{address}>\r\n".encode()  # nearly always
    phrase = _phrase(person, len(name) + 2)
    start = b"%b: %b" % (name.encode(), phrase)
    angled = b"<%b>" % address.encode()
    if not phrase:
        return b"%b%b\r\n" % (start, angled)
    room = WIDTH + 2 - len(start) + (start.rfind(b"\n") + 1)
    return b"%b%b%b\r\n" % (start, b" " if len(angled) < room else FOLD, angled)


def links(name: str, *uris: str) -> bytes:
    """A header of URIs in angle brackets, one a line and never encoded (RFC 2369)."""
    if any(map(NO_URI.search, uris)):
        raise ValueError(f"an address in {name} holds what no URI may hold")
    return b"%b: <%b>\r\n" % (name.encode(), ">,\r\n <".join(uris).encode())


def _phrase(person: str, used: int) -> bytes:
    shown = " ".join(CONTROLS.sub(" ", person).split(" ")).strip() if person else ""
    if not shown:
        return b""
    if len(shown) > WIDTH - used - 4 or not shown.isascii() or "=?" in shown:
        return _encoded(shown, used)
    if ATOMS.fullmatch(shown) and "  " not in shown:
        return shown.encode()
    return b'"%b"' % shown.replace("\\", "\\\\").replace('"', '\\"').encode()


def _folded(name: str, value: str) -> bytes | None:
    """Folded before a blank where a line grows long; None where no place to fold is found, or a blank would be lost on the way."""
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > WIDTH + 2 and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    lines.append(line)
    whole = all(part.strip() for part in lines) and value == value.strip() and "  " not in value
    return "\r\n".join(lines).encode() + b"\r\n" if whole and max(map(len, lines)) <= WIDTH + 2 else None


def _encoded(value: str, used: int) -> bytes:
    """Encoded words in the shorter of the two encodings, none cut within a character."""
    raw = value.encode("utf-8", "replace")
    quoted = sum(len(Q[byte]) for byte in raw) <= len(raw) * 4 // 3
    return FOLD.join(b"=?utf-8?q?%b?=" % word if quoted else b"=?utf-8?b?%b?=" % word for word in _words(value, used, quoted=quoted))


def _words(value: str, used: int, *, quoted: bool) -> Iterator[bytes]:
    room = min(WORD, WIDTH - used) - FRAME
    piece = b""
    for character in value:
        raw = character.encode("utf-8", "replace")
        grown = piece + (b"".join(Q[byte] for byte in raw) if quoted else raw)
        if piece and (len(grown) if quoted else -(-len(grown) // 3) * 4) > room:
            yield piece if quoted else binascii.b2a_base64(piece, newline=False)
            room = WORD - 1 - FRAME
            grown = grown[len(piece) :]
        piece = grown
    yield piece if quoted else binascii.b2a_base64(piece, newline=False)
