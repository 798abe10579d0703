"""People to test with."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

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
