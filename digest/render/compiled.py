"""The `CompiledEdition`: ready bytes and the holes between them, by block. All that the delivery side gets to see."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from digest.errors import DatabaseError
from digest.render.outline import Outline

FORM = 2  # of the stored bytes
READ = (1, FORM)  # form 1 knew neither selections nor their holes; editions sent in it are still to be looked at
FRAME = "frame"  # the block of everything that is in no other


class Hole(StrEnum):
    """What is filled in: the first five per reader, the others per selection of blocks."""

    GREETING = "greeting"  # the whole line, “Hello Ann,”
    ADDRESS = "address"  # the reader's mail address, in the sentence that says why they get this
    UNSUBSCRIBE = "unsubscribe"  # a web address, as the next two
    PREFERENCES = "preferences"
    VIEW = "view"
    SUBJECT = "subject"
    PREHEADER = "preheader"
    NUMBER = "number"  # which one of its group's shown blocks this is, from 1


class Place(StrEnum):
    """Where a hole stands: it decides how a value is escaped."""

    HTML = "html"  # text, or part of an attribute
    LINK = "link"  # the whole of an href
    TEXT = "text"  # the plain text part


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    hole: Hole
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of the message that stands or falls as one. A block with others inside comes in several runs of the same `id`.

    `within` names the blocks around it, outermost first; `html_bytes` is what it adds to the decoded HTML part. Of the kinds `lead`,
    `article`, `top`, `recent` and `join` a selection shows some; what is named otherwise goes with what holds it.
    """

    id: str
    within: tuple[str, ...]
    pieces: tuple[bytes | Gap, ...]
    html_bytes: int

    @property
    def path(self) -> tuple[str, ...]:
        """`within`, and the block itself unless it is the frame."""
        return self.within if self.id == FRAME else (*self.within, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledEdition:
    """The whole MIME body of an edition, before it is filled. `content_type` is the value of that header, with its boundary.

    `subject` and `preheader` are those of the whole edition, for whoever has no others.
    """

    subject: str
    preheader: str = ""
    content_type: str
    blocks: tuple[Block, ...]

    @property
    def html_bytes(self) -> int:
        """The size of the HTML part after decoding, for a typical reader."""
        return sum(block.html_bytes for block in self.blocks)

    @property
    def ids(self) -> frozenset[str]:
        """Every block there is: `article-12`, `comment-34`, `group-section-1` …"""
        return frozenset(name for block in self.blocks for name in block.path)

    def only(self, blocks: Collection[str]) -> "CompiledEdition":
        """The edition with these of its selectable blocks and no other. Headings left with nothing below go, and what parted a first block."""
        outline = Outline(block.path for block in self.blocks)
        return replace(self, blocks=tuple(self.blocks[number] for number, _ in outline.shown(blocks)))

    def to_bytes(self) -> bytes:
        """The edition as bytes to be stored; equal editions give equal bytes."""
        blocks = [[block.id, block.within, block.html_bytes, [_store(piece) for piece in block.pieces]] for block in self.blocks]
        stored = {"form": FORM, "subject": self.subject, "preheader": self.preheader, "content_type": self.content_type, "blocks": blocks}
        return json.dumps(stored, sort_keys=True, separators=(",", ":")).encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> "CompiledEdition":
        """The edition that `to_bytes` stored. Bytes of another form are a `DatabaseError`."""
        stored = json.loads(data)
        if stored.get("form") not in READ:
            raise DatabaseError(f"A stored edition has form {stored.get('form')}; this version reads form {FORM}. Compile the edition again.")
        blocks = tuple(
            Block(id=name, within=tuple(within), html_bytes=size, pieces=tuple(_restore(piece) for piece in pieces))
            for name, within, size, pieces in stored["blocks"]
        )
        return cls(subject=stored["subject"], preheader=stored.get("preheader", ""), content_type=stored["content_type"], blocks=blocks)


def _store(piece: bytes | Gap) -> object:
    return piece.decode("ascii") if isinstance(piece, bytes) else [piece.hole.value, piece.place.value]


def _restore(piece: str | list[str]) -> bytes | Gap:
    return piece.encode("ascii") if isinstance(piece, str) else Gap(hole=Hole(piece[0]), place=Place(piece[1]))
