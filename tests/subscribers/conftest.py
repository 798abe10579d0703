"""People to test with."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, event

from subscribers.address import parse_address
from subscribers.consent import Person, Proof

KEYS = ["newest-key-of-the-tests", "oldest-key-of-the-tests"]
FORM = Proof(how="form", origin="https://example.com/join", wording="Send me the weekly letter.")
OPERATOR = Proof(how="command line")


def person(address: str, name: str = "") -> Person:
    return Person(address=parse_address(address), name=name)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


@pytest.fixture
def statements(engine: Engine) -> Iterator[Callable[[], int]]:
    """How many statements have gone to the database since it was last asked."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    def count() -> int:
        number = len([statement for statement in seen if not statement.startswith("BEGIN")])
        seen.clear()
        return number

    event.listen(engine, "before_cursor_execute", note)
    yield count
    event.remove(engine, "before_cursor_execute", note)
