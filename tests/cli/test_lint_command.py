"""`digest lint`, and `digest send` where the checker found something, as somebody would use them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from digest.database import open_database
from tests.test_deliver import SLOT, fill

SETTINGS = """
[publication]
name = "The Lamp"
url = "https://lamp.example"
postal_address = "1 Wick Lane"
[pages]
url = "https://lamp.example/letters"
keys_file = "digest.key"
[database]
url = "{url}"
[newsletters.weekly]
title = "Weekly"
from_address = "post@lamp.example"
introduction = "{introduction}"
"""
AT = ("--at", f"{SLOT:%Y-%m-%dT%H:%M}")


class Desk:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        (folder / "digest.key").write_text("a-key\n")
        self.introduce("Good morning.")

    def introduce(self, words: str) -> None:
        (self.folder / "digest.toml").write_text(SETTINGS.format(url=self.url, introduction=words))

    def run(self, *words: str, code: int = 0, path: str = "") -> str:
        """What it printed; `path`: where programs are looked for."""
        command = [sys.executable, "-m", "digest", "--config", str(self.folder / "digest.toml"), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **({"PATH": path} if path else {})}
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Desk:
    store = tmp_path / "digest.db"
    store.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{store}")
    fill(engine)
    engine.dispose()
    return Desk(tmp_path, f"sqlite:///{store}")


def test_a_good_mail_ends_well(desk: Desk) -> None:
    said = desk.run("lint", "weekly", *AT)
    assert "1 note." in said
    assert "border-radius: corners are square" in said
    assert "border-radius" not in desk.run("lint", "weekly", "--quiet", *AT)


def test_what_must_not_go_out_ends_with_1_and_says_why_and_how(desk: Desk) -> None:
    desk.introduce("Hello {{ reader }}.")
    said = desk.run("lint", "weekly", *AT, code=1)
    for words in ("✗ The HTML holds '{{ reader }}'", "template.left", "Every reader would see", "→ Look for it in the theme"):
        assert words in said
    assert "As it is, it does not go out." in said
    found = {one["rule"]: one for one in json.loads(desk.run("lint", "weekly", "--json", *AT, code=1))}
    assert (found["template.left"]["stops"], found["clients.graceful"]["stops"]) == (True, False)
    assert set(found["template.left"]) == {"where", "what", "level", "rule", "why", "mend", "spot", "details", "stops"}


def test_what_others_say_is_asked_for_only_when_wanted(desk: Desk) -> None:
    said = desk.run("lint", "weekly", "--spam", "--links", *AT, path=str(desk.folder))
    assert "SpamAssassin is not installed" in said
    assert "links.dead" in said  # example names are nobody's


def test_sending_says_how_to_go_on_and_goes_on(desk: Desk) -> None:
    desk.introduce("Hello {{ reader }}.")
    assert f"digest send weekly --at {AT[1]} --despite-findings" in desk.run("send", "weekly", *AT, code=1)
    assert "published, 3 mails queued" in desk.run("send", "weekly", *AT, "--despite-findings")
    assert len(list((desk.folder / "outbox").glob("*.eml"))) == 3


def test_despite_findings_is_said_of_one_newsletter(desk: Desk) -> None:
    assert "go with a newsletter's name" in desk.run("send", "--due", "--despite-findings", code=2)
