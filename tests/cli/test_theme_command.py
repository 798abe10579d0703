"""`digest theme`, as people type it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from digest.cli import digest
from digest.errors import TemplateError


@pytest.fixture
def site(tmp_path: Path) -> Path:
    letter = '[newsletters.weekly]\ntitle = "Weekly"\nfrom_address = "post@lamp.example"\nsources = ["site"]\ntheme = "mine"\n'
    (tmp_path / "digest.toml").write_text(letter + '[render]\ninliner = "fast"\n')
    return tmp_path


def call(site: Path, *words: str) -> Result:
    return CliRunner().invoke(digest, ["--config", str(site / "digest.toml"), "theme", *words])


def test_a_theme_is_begun_listed_and_found_good(site: Path) -> None:
    assert "which is not there" in call(site, "list").stderr
    begun = call(site, "new", "mine", "--from", "letter")
    assert begun.exit_code == 0 and f"files into {site / 'themes' / 'mine'}" in begun.output.replace("\n", " ")
    listed = call(site, "list")
    assert [line.split()[:2] for line in listed.stdout.splitlines()[1:]] == [["classic", "the"], ["letter", "the"], ["mine", "yours"]]
    assert [(one["name"], one["newsletters"]) for one in json.loads(call(site, "list", "--json").output)] == [
        ("classic", []),
        ("letter", []),
        ("mine", ["weekly"]),
    ]
    checked = call(site, "check", "mine")
    assert checked.exit_code == 0 and "as it should be" in checked.output


def test_what_is_to_be_mended_is_said_with_its_languages(site: Path) -> None:
    call(site, "new", "mine")
    (site / "themes" / "mine" / "headng.html").write_text("x")
    noted = call(site, "check", "mine")
    assert noted.exit_code == 0 and "No template asks for headng.html" in noted.output
    (site / "themes" / "mine" / "button.html").write_text('<img src="https://lamp.example/a.png" width="1" height="1">')
    checked = call(site, "check", "mine")
    assert checked.exit_code == 1 and "has no alt text" in checked.output and "(en, ar, de, es, fr)" in checked.output
    found = json.loads(call(site, "check", "mine", "--json").output)
    assert {"where", "what", "why", "mend", "level", "languages"} <= found[0].keys()


def test_a_broken_theme_names_file_and_line(site: Path) -> None:
    call(site, "new", "mine")
    (site / "themes" / "mine" / "heading.html").write_text("\n{{ headin }}")
    failed = call(site, "check", "mine")
    assert isinstance(failed.exception, TemplateError)
    assert f"{site / 'themes' / 'mine' / 'heading.html'}, line 2: 'headin' is undefined" in str(failed.exception)
