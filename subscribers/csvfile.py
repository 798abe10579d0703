"""A CSV file of people, as other programs write it, read row by row: nothing here knows a database.

Character set, delimiter and columns are found out from the file itself; whatever is wrong with a row is a `Problem`
with its line, and the next row goes on.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import BinaryIO

from subscribers.errors import BadFile

# The first name found in the header wins: a file with “Email Address” and “Address” means the street by the second.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "address": ("email", "e mail", "email address", "e mail address", "mail", "subscriber email", "address"),
    "name": ("name", "full name", "display name", "subscriber name", "first name"),
    "language": ("language", "lang", "locale"),
    "time_zone": ("time zone", "timezone", "tz"),
    "state": ("state", "status", "subscription status"),
    "confirmed_at": ("confirmed at", "confirm time", "optin time", "opt in time", "confirmation time", "subscribed at"),
    "origin": ("consent origin", "origin", "source", "optin ip", "signup source"),
    "wording": ("consent wording", "wording"),
}
LINE_CHARACTERS = 100_000  # more than any row has; a longer line is cut, so that one endless line cannot fill the memory
# What a spreadsheet takes for a formula. Written with a leading apostrophe, which is taken off again on reading.
FORMULA = re.compile(r"\A'(?=[=+\-@\t\r])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one row. `line` counts from 1, the header included; `text` repeats no address."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One row: the cells of the known columns, blanks taken off, "" where there is none."""

    line: int
    cells: Mapping[str, str]


def read_rows(file: BinaryIO) -> Iterator[Cells | Problem]:
    """Rows of a seekable file, in constant memory. `BadFile` when no column holds addresses."""
    text = io.TextIOWrapper(file, encoding=charset(file), errors="replace", newline="")
    try:
        yield from _rows(text)
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


def _rows(text: io.TextIOWrapper) -> Iterator[Cells | Problem]:
    lines = iter(partial(text.readline, LINE_CHARACTERS), "")
    first = next(lines, "")
    columns: Mapping[str, int] | None = None
    for found in _numbered(chain([first], lines), _delimiter(first)):
        if isinstance(found, Problem):
            yield found
            continue
        line, row = found
        if columns is None:
            columns = _columns(row)
            if "@" not in row[columns["address"]]:
                continue
        yield Cells(line=line, cells=_cells(row, columns))
    if columns is None:
        raise BadFile("The file holds no rows.")


def _numbered(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]] | Problem]:
    """Rows that are not blank, with the line they begin on. After an error the reader takes up again at the next line."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            upto = f", up to line {reader.line_num}" if reader.line_num > line else ""
            yield Problem(line=line, text=f"not readable as CSV{upto}: {error}")
            continue
        if any(cell.strip() for cell in row):
            yield line, row


def _delimiter(header: str) -> str:
    """The likeliest of the three that spreadsheets write; a comma where there is only one column."""
    return max(",;\t", key=header.count)


def _columns(first: Sequence[str]) -> Mapping[str, int]:
    """Where each known column stands. A file without a header is a plain list: its first cell with an @ shows the column of addresses."""
    names = [re.sub(r"[\W_]+", " ", cell).strip().casefold() for cell in first]
    found = {column: next((names.index(name) for name in known if name in names), -1) for column, known in COLUMNS.items()}
    if found["address"] < 0:
        found = {"address": next((place for place, cell in enumerate(first) if "@" in cell), -1)}
    if found["address"] < 0:
        raise BadFile("No column holds addresses: name one “email” in the first line.")
    return {column: place for column, place in found.items() if place >= 0}


def _cells(row: Sequence[str], columns: Mapping[str, int]) -> Mapping[str, str]:
    return {column: FORMULA.sub("", row[place]).strip() if place < len(row) else "" for column, place in columns.items()}


def guarded(cell: str) -> str:
    """A cell as it may be opened in a spreadsheet: no text of a stranger's becomes a formula (CWE-1236)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
