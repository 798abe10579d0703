"""Signs messages (DKIM, RFC 6376 and 8463): header lines in the relaxed form, the body in the simple one, byte for byte as it is sent.

Whatever a reader's mail program acts on is signed, and named once more than it occurs: nobody on the way can add a second From or a way to leave
that is not ours. The time of signing (t=) is left out, so that a preview and every try of a delivery are the same bytes.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

# Those RFC 6376 5.4.1 advises, and both List-Unsubscribe lines (RFC 8058 4). Not Precedence and the like: relays may drop those.
_NAMES = "From Reply-To Subject Date MIME-Version Content-Type List-Id List-Unsubscribe-Post To Cc Message-ID List-Unsubscribe"
SIGNED = {name.lower(): name for name in _NAMES.split()}
WIDTH = 76
CRLF = b"\r\n"
_LINE_END = re.compile(rb"\r\n(?![ \t])")
_BLANKS = re.compile(rb"[ \t]+")

Headers = dict[str, list[bytes]]  # name in small letters → its lines in the relaxed form, in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A private key and where its public half is published: TXT `name`. `sign` gives the raw signature of what it is given."""

    selector: str
    domain: str
    algorithm: str  # rsa-sha256 or ed25519-sha256
    public: str  # base64, as in the record's p=
    sign: Callable[[bytes], bytes]

    @property
    def name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


class Signer:
    """Signs the messages of one edition, once with each key. `shared` is what their headers begin with: it is brought into the relaxed form once."""

    def __init__(self, keys: Sequence[Key], shared: bytes = b"") -> None:
        self._keys = keys
        self._shared = shared
        self._relaxed = relaxed(shared)
        self._openings: dict[tuple[str, ...], list[_Opening]] = {}  # by the names that are signed: the same for nearly all readers

    def sign(self, message: bytes) -> bytes:
        """The DKIM-Signature headers of a message with CRLF line ends, to be put before it: one a key, folded, each ended by CRLF.

        A message that does not begin with the shared headers is a ValueError.
        """
        if not message.startswith(self._shared):
            raise ValueError("this message does not begin with the headers its signer was made for")
        # A message may have no header line of its own, and no body.
        head, _, body = message.partition(b"\r\n\r\n")
        found = self._with(relaxed(head[len(self._shared) :] + CRLF))
        names = tuple(name for small, name in SIGNED.items() for _ in (*found.get(small, ()), "once more"))
        # RFC 6376 5.4.2: of several with one name, the last comes first.
        lines = b"".join(line for small in SIGNED for line in reversed(found.get(small, ())))
        digest = base64.b64encode(body_hash(body))
        return b"".join(opening.signature(lines, digest) for opening in self._opened(names))

    def _with(self, own: Headers) -> Headers:
        found = dict(self._relaxed)
        for name, lines in own.items():
            found[name] = [*found.get(name, ()), *lines]
        return found

    def _opened(self, names: tuple[str, ...]) -> list["_Opening"]:
        if names not in self._openings:
            self._openings[names] = [_Opening.of(key, names) for key in self._keys]
        return self._openings[names]


@dataclass(frozen=True, slots=True)
class _Opening:
    """A key's header up to the body's hash, as it is written and in the relaxed form."""

    key: Key
    written: bytes
    relaxed: bytes

    @classmethod
    def of(cls, key: Key, names: Iterable[str]) -> "_Opening":
        who = f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/simple;\r\n d={key.domain};\r\n s={key.selector};\r\n"
        written = who.encode() + _folded(" h=", names) + b"\r\n bh="
        return cls(key, written, relaxed(written)["dkim-signature"][0].removesuffix(CRLF))

    def signature(self, lines: bytes, digest: bytes) -> bytes:
        # RFC 6376 3.7: the header itself is signed, too, with an empty b= and without its line end.
        value = base64.b64encode(self.key.sign(b"%b%b%b; b=" % (lines, self.relaxed, digest)))
        return b"%b%b;\r\n b=%b\r\n" % (self.written, digest, _wrapped(value, len(" b=")))


def relaxed(headers: bytes) -> Headers:
    """Header lines in the relaxed form (RFC 6376 3.4.2), by their name."""
    found: Headers = {}
    for line in _LINE_END.split(headers):
        name, colon, value = line.partition(b":")
        if colon:
            small = name.rstrip(b" \t").lower()
            tidy = _BLANKS.sub(b" ", value.replace(CRLF, b"")).strip(b" ")
            found.setdefault(small.decode("latin-1"), []).append(b"%b:%b\r\n" % (small, tidy))
    return found


def body_hash(body: bytes) -> bytes:
    """SHA-256 of the body in the simple form (RFC 6376 3.4.3): as it is, but with one line end at its end, whatever was there."""
    end = len(body)
    while body.endswith(CRLF, 0, end):
        end -= 2
    hashed = hashlib.sha256(memoryview(body)[:end])
    hashed.update(CRLF)
    return hashed.digest()


def _folded(start: str, names: Iterable[str]) -> bytes:
    lines, line = [], start
    for name in names:
        if len(line) + len(name) + 1 > WIDTH:
            lines.append(line)
            line = "  "
        line += f"{name}:"
    lines.append(line)
    return "\r\n".join(lines)[:-1].encode() + b";"


def _wrapped(value: bytes, used: int) -> bytes:
    first, room = WIDTH - used, WIDTH - 2
    pieces = [value[:first], *(value[at : at + room] for at in range(first, len(value), room))]
    return b"\r\n  ".join(pieces)
