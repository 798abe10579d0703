"""A CSV file of people, as other programs write it, read row by row: nothing here knows a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from subscribers.lists.cells import Cells, cells_of
from subscribers.lists.layout import Layout, Wanted, lay_out
from subscribers.lists.sheet import Problem, charset, open_sheet

__all__ = ["Cells", "Listing", "Problem", "charset", "guarded", "open_list", "read_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A file of people: what its columns are, and its rows, once."""

    layout: Layout
    rows: Iterator[Cells | Problem]


@contextmanager
def open_list(file: BinaryIO, *, file_name: str = "", wanted: Wanted | None = None) -> Iterator[Listing]:
    """A seekable file of people, read in constant memory. `BadFile` when no column holds addresses."""
    with open_sheet(file) as sheet:
        layout = lay_out(sheet.titles, sheet.address, file_name=file_name, wanted=wanted or Wanted())
        rows = sheet.rows(layout.format.escape)
        yield Listing(layout=layout, rows=(row if isinstance(row, Problem) else cells_of(layout, *row) for row in rows))


def read_rows(file: BinaryIO) -> Iterator[Cells | Problem]:
    """Its rows alone."""
    with open_list(file) as listing:
        yield from listing.rows


def guarded(cell: str) -> str:
    """A cell as it may be opened in a spreadsheet: no text of a stranger's becomes a formula (CWE-1236)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
