"""`digest embed` prints a box that works, and keeps the words people agree to."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from digest.cli import digest
from digest.database import open_database
from subscribers.tables import Wording
from subscribers.wording import version

TOML = """
[publication]
name = "The Lantern"
[pages]
url = "https://letters.lantern.example"
[database]
url = {database}
[newsletters.weekly]
title = "The Lantern Weekly"
from_address = "weekly@lantern.example"
language = "de-AT"
[newsletters.closed]
title = "Closed"
from_address = "closed@lantern.example"
[newsletters.closed.sign_up]
open = false
"""


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Path:
    path = tmp_path / "digest.toml"
    path.write_text(TOML.format(database=json.dumps(database_url)), encoding="utf-8")
    return path


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(digest, ["--config", str(config), "embed", *arguments])


def test_the_box_names_the_words_that_are_kept(config: Path, database_url: str) -> None:
    done = run(config, "weekly", "--title", "Post & more", "--button", "Come in")
    assert done.exit_code == 0
    assert 'action="https://letters.lantern.example/subscribe"' in done.stdout
    assert "Post &amp; more" in done.stdout
    assert "Come in" in done.stdout
    assert 'lang="de"' in done.stdout
    engine = open_database(database_url)
    with engine.connect() as connection:
        [kept] = connection.scalars(select(Wording.text))
    engine.dispose()
    assert f'name="wording" value="{version(kept)}"' in done.stdout
    assert version(kept) in done.stderr


def test_the_site_is_told_what_its_policy_has_to_allow(config: Path) -> None:
    done = run(config, "weekly")
    for directive in ("form-action https://letters", "connect-src https://letters", "style-src 'sha256-", "script-src 'sha256-"):
        assert directive in done.stderr
    bare = run(config, "weekly", "--no-script", "--plain")
    assert "<script" not in bare.stdout
    assert "<style" not in bare.stdout
    assert "sha256" not in bare.stderr


def test_its_own_texts_speak_the_language_that_is_asked_for(config: Path) -> None:
    assert 'lang="ar" dir="rtl"' in run(config, "weekly", "--language", "ar").stdout


def test_what_cannot_be_subscribed_to_has_no_box(config: Path) -> None:
    assert "open is false" in str(run(config, "closed").exception)
    assert "There is no newsletter “nothing”" in str(run(config, "nothing").exception)


def test_without_tables_it_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "digest.toml"
    path.write_text(TOML.format(database='"sqlite:///empty.db"'), encoding="utf-8")
    assert "digest db upgrade" in str(run(path, "weekly").exception)
