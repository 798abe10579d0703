"""Reads an export file of WordPress (WXR 1.0 to 1.2), however large, and as far as it is sound."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from digest.content.values import FoundArticle, FoundComment, Image
from digest.errors import SourceError
from digest.settings import Source
from digest.sources.values import Arrived, Event, Known, Problem, Progress, Remember, Vanished
from digest.sources.wxr_comments import Reading, Writers
from digest.sources.wxr_items import Item, read_item, read_picture, read_writer
from digest.sources.wxr_parse import Parser, find_root
from digest.sources.wxr_pieces import Piece, read_pieces

BATCH = 200  # items to an event; a long text counts as several
LONG_TEXT = 10_000  # characters

_WRITER = re.compile(r"<wp:author>(?:(?!<wp:author>).)*?</wp:author>", re.DOTALL)


def read_wxr(path: Path, *, source: Source, memory: Mapping[str, object], known: Known, now: datetime) -> Iterator[Event]:
    """What the file shows as public, in batches, and the keys of what it shows as something else. A `SourceError` where it is no export.

    An item that is absent is not called vanished: an export may be of some months or authors only. A broken item is a `Problem` with its
    line and costs only itself. Nothing is yielded for the file that was read last time with the same roles.
    """
    try:
        seen = _fingerprint(path, source)
        if seen == memory and not known.first:
            return
        yield from _read(path, source, now)
    except OSError as error:
        raise SourceError(f"The export file {path.name or path} cannot be read: {error.strerror}.") from error
    yield Remember(memory=seen)


def _fingerprint(path: Path, source: Source) -> dict[str, object]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "roles": dict(source.roles), "section": source.section}


def _read(path: Path, source: Source, now: datetime) -> Iterator[Event]:
    root, writers, pictures, problems = _prepare(path, source)
    yield from problems
    reading = Reading(source=source, writers=writers, pictures=pictures, now=now)
    parser = Parser(root)
    batch = _Batch()
    done: list[int] = []
    last = Piece(text="", line=1)
    for last in read_pieces(path, read=done.append):
        for found in (told for item in last.items() for told in parser.elements(item)):
            batch.add(Item(problems=(found,)) if isinstance(found, Problem) else read_item(found[1], replace(reading, line=found[0])))
        if batch.size >= BATCH:
            yield from batch.events()
            yield Progress(done=sum(done), total=path.stat().st_size, unit="bytes")
            batch = _Batch()
    yield from batch.events()
    yield from _closing(parser, last)
    yield Progress(done=sum(done), total=sum(done), unit="bytes")


def _prepare(path: Path, source: Source) -> tuple[str, Writers, dict[str, Image], list[Problem]]:
    """The first way through the file, for what the items point to: the authors of the header, and pictures, which may come after their posts."""
    root, writers, pictures, problems = "", Writers(), dict[str, Image](), list[Problem]()
    for piece in read_pieces(path):
        if not root:
            root = find_root(piece.text)
            if not root:
                raise SourceError(f"{path.name} is no WordPress export (WXR): its beginning does not declare one. A feed is read with kind = “feed”.")
            problems += _read_writers(piece, Parser(root), source, writers)
        elif "attachment_url" in piece.text:
            found = (read_picture(told[1]) for told in Parser(root).elements(piece) if not isinstance(told, Problem))
            pictures.update({picture.number: picture.image for picture in found if picture})
    return root, writers, pictures, problems


def _read_writers(header: Piece, parser: Parser, source: Source, writers: Writers) -> Iterator[Problem]:
    for found in _WRITER.finditer(header.text):
        for told in parser.elements(Piece(text=found[0], line=header.line + header.text.count("\n", 0, found.start()))):
            if isinstance(told, Problem):
                yield told
            elif writer := read_writer(told[1], source):
                login, number, person = writer
                writers.by_login[login] = writers.by_number[number] = person


def _closing(parser: Parser, last: Piece) -> Iterator[Problem]:
    if parser.dropped:
        what = f"{parser.dropped} characters that XML does not allow were dropped, the first one here."
        yield Problem(where=f"line {parser.first_dropped}", what=what)
    if "</rss>" not in last.text:
        end = last.line + last.text.count("\n")
        yield Problem(where=f"line {end}", what="The file ends here without an end: its export or its copy was cut off.")


@dataclass(slots=True)
class _Batch:
    articles: list[FoundArticle] = field(default_factory=list)
    comments: list[FoundComment] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0

    def add(self, item: Item) -> None:
        self.articles += [item.article] if item.article else []
        self.comments += item.comments
        self.withdrawn += item.withdrawn
        self.removed += item.removed
        self.held += item.held
        self.problems += item.problems
        self.size += 1 + len(item.comments) + (len(item.article.body) // LONG_TEXT if item.article else 0)

    def events(self) -> Iterator[Event]:
        yield from self.problems
        if self.articles:
            yield Arrived(articles=tuple(self.articles), comments=tuple(self.comments))
        if self.withdrawn or self.removed or self.held:
            yield Vanished(articles=tuple(self.withdrawn), comments=tuple(self.removed), held=tuple(self.held))
