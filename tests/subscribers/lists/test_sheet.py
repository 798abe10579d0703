"""Where the table of a file begins, and what parts its cells."""

import io

import pytest

from subscribers.errors import BadFile
from subscribers.lists.csvfile import Cells, Problem, read_rows


def found(text: str) -> list[tuple[int, str, str]]:
    rows = list(read_rows(io.BytesIO(text.encode())))
    assert not any(isinstance(row, Problem) for row in rows)
    return [(row.line, row.cells["address"], row.cells["name"]) for row in rows if isinstance(row, Cells)]


@pytest.mark.parametrize(
    "above",
    [
        "",
        "The readers of the Harbour Letter\n",
        "The readers, as of 2026-11-01; by hand\n\n\n",
        "sep=;\n",
        'She said "hello\n',
        "Write to us@example.org, or call\n",
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_above_the_header_is_passed_over(above: str, delimiter: str) -> None:
    table = delimiter.join(("Name", "E-Mail")) + "\n" + delimiter.join(('"Quill, ""M; a"""', "mara@example.com")) + "\n"
    assert found(above + table) == [(above.count("\n") + 2, "mara@example.com", 'Quill, "M; a"')]


def test_header_may_run_over_lines_and_lines_are_counted_from_the_top_of_the_file() -> None:
    text = 'A list\n"Name of\nthe reader",email\nx,ann@example.com\n\n"two\nlines",bob@example.com\ny,cy@example.com\n'
    assert [(line, address) for line, address, _ in found(text)] == [(4, "ann@example.com"), (6, "bob@example.com"), (8, "cy@example.com")]


def test_list_without_a_header_may_have_a_title_too() -> None:
    assert found("Our readers\nann@example.com\nbob@example.com\n") == [(2, "ann@example.com", ""), (3, "bob@example.com", "")]


def test_first_and_last_name_are_put_together() -> None:
    assert found("email,First Name,Last Name\nann@example.com,Ann,Lee\nbob@example.com,,Ray\n") == [
        (2, "ann@example.com", "Ann Lee"),
        (3, "bob@example.com", "Ray"),
    ]


@pytest.mark.parametrize("digits", [32, 40, 64])
def test_list_of_hashes_is_refused_with_the_reason(digits: int) -> None:
    with pytest.raises(BadFile, match="holds hashes"):
        found("md5\n" + "0f" * (digits // 2) + "\n")


def test_header_further_down_than_anybody_writes_is_not_looked_for() -> None:
    with pytest.raises(BadFile, match="name one “email”"):
        found("text\n" * 30 + "email\nann@example.com\n")
