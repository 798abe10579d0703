"""`digest editors …`: people are let into the desk from the command line, on each kind of database."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from digest import cli
from digest.accounts.log import latest
from digest.database import open_database
from tests.cli.test_subscribers_commands import SETTINGS, closing

Digest = Callable[..., str]


@pytest.fixture
def digest(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Digest:
    """Runs `digest editors …` with a password on standard input, and gives what it said. It must end with `code`."""
    settings = tmp_path / "digest.toml"
    settings.write_text(SETTINGS.format(url=database_url))
    (tmp_path / "digest.key").write_text("a-key-of-the-tests\n")

    def run(*arguments: str, code: int = 0, password: str = "four words in a row\n") -> str:
        monkeypatch.setattr("sys.argv", ["digest", "--config", str(settings), "editors", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(password))
        with closing(), pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert end.value.code == code, said
        return said.out + said.err

    return run


def names(digest: Digest) -> list[tuple[str, str, bool]]:
    return sorted((one["name"], one["role"], one["closed_at"] is None) for one in json.loads(digest("list", "--json")))


def test_people_come_and_go(digest: Digest, database_url: str) -> None:
    assert "no account yet" in digest("list")
    assert "must be an admin" in digest("add", "Ben", "--password-file", "-", code=1)
    assert "may sign in, as admin" in digest("add", "Ana", "--role", "admin", "--password-file", "-")
    digest("add", "[b]Ben[/b]", "--password-file", "-")
    assert "[b]Ben[/b]" in digest("list")
    digest("role", "[B]ben[/b]", "publisher")
    assert names(digest) == [("Ana", "admin", True), ("[b]Ben[/b]", "publisher", True)]
    assert "signed out everywhere" in digest("password", "[b]Ben[/b]", "--password-file", "-", password="another four words\n")
    assert "0 browsers" in digest("sign-out", "[b]Ben[/b]")
    digest("close", "[b]Ben[/b]")
    assert names(digest) == [("Ana", "admin", True), ("[b]Ben[/b]", "publisher", False)]
    assert "no account “[b]Ben[/b]”" in digest("role", "[b]Ben[/b]", "admin", code=1)
    assert "only admin" in digest("close", "ana", code=1)
    engine = open_database(database_url)
    with engine.connect() as connection:
        done = [line.detail["did"] for line in latest(connection)]
    engine.dispose()
    assert done == ["closed", "signed out", "password", "role", "added", "added"]


def test_a_password_is_asked_for_twice_and_never_shown(digest: Digest, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["four words in a row", "four words in a rov", "four words in a row", "four words in a row"])
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: next(typed))
    said = digest("add", "Ana", "--role", "admin")
    assert "four words" not in said
    assert next(typed, None) is None
    assert names(digest) == [("Ana", "admin", True)]


def test_a_password_may_stand_in_a_file(digest: Digest, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("four words in a row\r\n")
    digest("add", "Ana", "--role", "admin", "--password-file", str(file))
    file.write_bytes(b"\xff\xfe\x00")
    assert "holds no text" in digest("password", "Ana", "--password-file", str(file), code=1)
    file.write_text("short")
    assert "at least 12 characters" in digest("password", "Ana", "--password-file", str(file), code=1)
