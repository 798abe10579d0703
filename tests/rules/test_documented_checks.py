"""docs/checks.md names every rule with its level, and every mail program."""

import re
from pathlib import Path

from digest.render.lint import RULES
from digest.render.lint.settled import FIRM
from digest.render.lint.table import table
from digest.rules import Checks

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")


def test_every_rule_is_there_with_its_level() -> None:
    rows = re.findall(r"^\| `([a-z.-]+)` \| (note|warning|error) \| .+ \|$", PAGE, re.MULTILINE)
    assert rows == [(rule.id, rule.level.value) for rule in sorted(RULES, key=lambda rule: rule.id)]


def test_every_mail_program_is_there() -> None:
    known = table()
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| ([^|]+) \| (yes|) ?\|$", PAGE, re.MULTILINE)
    meant = {client for name in Checks().clients for client in known.meant(name)}
    assert rows == [(client, name, "yes" if client in meant else "") for client, name in known.clients.items()]
    assert f"as of {known.updated} ({len(known.features)} features" in PAGE


def test_what_cannot_be_ignored_is_named() -> None:
    (sentence,) = [line for line in PAGE.splitlines() if line.endswith("cannot be ignored.")]
    assert set(re.findall(r"`([a-z.-]+)`", sentence)) == FIRM
