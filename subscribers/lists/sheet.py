"""A CSV file as other programs write it: its character set, its delimiter, the line its table begins on, and its rows. Nothing here knows a person.

Whatever is wrong with a row is a `Problem` with its line, and the next row goes on.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

from subscribers.errors import BadFile

# What the column of addresses is called. The first one found wins: a file with “Email Address” and “Address” means the street by the second.
ADDRESS = ("email", "e mail", "email address", "e mail address", "mail", "subscriber email", "address")
DELIMITERS = ",;\t"
LINE_CHARACTERS = 100_000  # more than any row has; a longer line is cut, so that one endless line cannot fill the memory
PEEKED = 20  # lines before the header that may be a title, a date, Excel's “sep=;”
HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)  # MD5, SHA-1, SHA-256
HASHED = "this is a hash, not an address: nobody can be found by it, because addresses are kept under a key of your own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one row. `line` counts from 1, the header included; `text` repeats no address."""

    line: int
    text: str


Row = tuple[int, Sequence[str]]  # the line it begins on, and its cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The table in a file. `titles` are the cells of its header as they are written; a list without a header has none."""

    titles: tuple[str, ...]
    address: int  # the place of the column of addresses
    delimiter: str
    before: int  # lines above the table
    lines: Iterator[str]

    def rows(self, escape: str | None = None) -> Iterator[Row | Problem]:
        """The rows below the header, once. `escape` is the character that some programs write before a quotation mark within a cell."""
        rows = _numbered(self.lines, self.delimiter, self.before, escape)
        return islice(rows, 1, None) if self.titles else rows


@contextmanager
def open_sheet(file: BinaryIO) -> Iterator[Sheet]:
    """The table of a seekable file, read in constant memory. `BadFile` when no column holds addresses."""
    text = io.TextIOWrapper(file, encoding=charset(file), errors="replace", newline="")
    try:
        yield _sheet(text)
    finally:
        text.detach()  # the caller opened the file, and closes it


def charset(file: BinaryIO) -> str:
    """UTF-8 where the whole file is (with or without mark), UTF-16 by its mark, else Windows-1252, which older spreadsheets write."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    file.seek(0)
    if marked:
        return "utf-16"
    try:
        while chunk := file.read(65_536):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8-sig"


def plain_name(title: str) -> str:
    """A column's name however it is written: OPTIN_TIME, “Optin Time” and optin-time are one."""
    return re.sub(r"[\W_]+", " ", title).strip().casefold()


def _sheet(text: io.TextIOWrapper) -> Sheet:
    lines = iter(partial(text.readline, LINE_CHARACTERS), "")
    peeked = list(islice(lines, PEEKED))
    for place in range(len(peeked)):
        rows = [(_first_row(peeked[place:], delimiter), delimiter) for delimiter in DELIMITERS]
        row, delimiter = max(rows, key=lambda one: (_named(one[0]) >= 0, len(one[0])))
        if _named(row) >= 0:
            return _from(peeked, place, lines, titles=tuple(row), address=_named(row), delimiter=delimiter)
    return _without_header(peeked, lines)


def _without_header(peeked: list[str], lines: Iterator[str]) -> Sheet:
    """A plain list: the first cell with an @ shows the column of addresses."""
    for place, line in enumerate(peeked):
        delimiter = max(DELIMITERS, key=line.count)
        cells = [cell.strip() for cell in _first_row(peeked[place:], delimiter)]
        address = next((number for number, cell in enumerate(cells) if "@" in cell and not re.search(r"\s", cell)), -1)
        if address >= 0:
            return _from(peeked, place, lines, titles=(), address=address, delimiter=delimiter)
    if not any(line.strip() for line in peeked):
        raise BadFile("The file holds no rows.")
    if any(HASH.fullmatch(cell.strip(' "\r\n')) for line in peeked for cell in re.split(r"[,;\t]", line)):
        raise BadFile(f"No column holds addresses, but one holds hashes: {HASHED.partition(': ')[2]}. Ask for the list with addresses.")
    raise BadFile("No column holds addresses: name one “email” in the first line.")


def _from(peeked: list[str], place: int, lines: Iterator[str], *, titles: tuple[str, ...], address: int, delimiter: str) -> Sheet:
    return Sheet(titles=titles, address=address, delimiter=delimiter, before=place, lines=chain(peeked[place:], lines))


def _named(row: Sequence[str]) -> int:
    names = [plain_name(cell) for cell in row]
    return next((names.index(name) for name in ADDRESS if name in names), -1)


def _first_row(lines: Iterable[str], delimiter: str) -> Sequence[str]:
    first = next(_numbered(lines, delimiter, 0, None), None)
    return () if first is None or isinstance(first, Problem) else first[1]


def _numbered(lines: Iterable[str], delimiter: str, before: int, escape: str | None) -> Iterator[Row | Problem]:
    """Rows that are not blank, with the line they begin on. After an error the reader takes up again at the next line."""
    reader = csv.reader(lines, delimiter=delimiter, escapechar=escape, strict=True)
    while True:
        line = before + reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            end = before + reader.line_num
            yield Problem(line=line, text=f"not readable as CSV{f', up to line {end}' if end > line else ''}: {error}")
            continue
        if any(cell.strip() for cell in row):
            yield line, row
