"""`digest subscribers edit` for what a reader chose: as their own page would have it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli import test_subscribers_commands as commands
from tests.cli.test_subscribers_commands import digest

__all__ = ["digest"]
Digest = Callable[..., str]
MORE = """
[newsletters.weekly]
sign_up = { sections = ["Sea", "Sky"], authors = ["Ada"] }
local_time = true
cadences.daily.schedule = "0 7 * * *"
"""


@pytest.fixture
def ann(digest: Digest, tmp_path: Path) -> Digest:
    """Ann has the weekly and has left the daily; Bob has not confirmed the weekly."""
    settings = tmp_path / "digest.toml"
    settings.write_text(settings.read_text().replace("[newsletters.weekly]", MORE.strip()))
    digest("add", "weekly", "ann@example.com")
    digest("add", "daily", "ann@example.com")
    digest("remove", "daily", "ann@example.com", "--yes")
    digest("add", "weekly", "bob@example.com", "--pending")
    return digest


def weekly(ann: Digest, address: str = "ann@example.com") -> dict[str, Any]:
    told = json.loads(ann("show", address, "--json"))
    assert told["acted_at"] is None
    return next(one for one in told["subscriptions"] if one["newsletter"] == "weekly")


def test_a_choice_is_changed_together_with_what_is_known(ann: Digest) -> None:
    said = ann("edit", "ann@example.com", "--name", "Ann", "--cadence", "daily", "--sections", "sea", "--mute", "Ada", "--hour", "8")
    assert said == "Changed: name.\nweekly: chosen anew.\n"
    kept = weekly(ann)
    assert (kept["cadence"], kept["sections"], kept["muted_authors"], kept["hour"]) == ("daily", ["Sea"], ["Ada"], 8)
    assert ann("edit", "ann@example.com", "--hour", "8") == "All was so already: nothing changed.\n"
    ann("edit", "ann@example.com", "--newsletter", "weekly", "--sections", "", "--mute", "", "--cadence", "", "--hour", "")
    kept = weekly(ann)
    assert (kept["cadence"], kept["sections"], kept["muted_authors"], kept["hour"]) == ("", [], [], None)


def test_a_pause_begins_and_ends(ann: Digest) -> None:
    assert "weekly: paused until " in ann("edit", "ann@example.com", "--pause", "3")
    assert weekly(ann)["paused_until"] is not None
    assert ann("edit", "ann@example.com", "--pause", "0") == "weekly: goes on.\n"
    assert ann("edit", "ann@example.com", "--pause", "0") == "All was so already: nothing changed.\n"


def test_of_several_newsletters_one_has_to_be_named(ann: Digest) -> None:
    ann("add", "daily", "bob@example.com")
    assert "Say of which newsletter (they have: daily, weekly)." in ann("edit", "bob@example.com", "--sections", "Sea", code=1)
    assert ann("edit", "bob@example.com", "--newsletter", "weekly", "--sections", "Sea") == "weekly: chosen anew.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ann@example.com", "--newsletter", "weekly"], 2, "Say what of it is to change"),
        (["ann@example.com", "--newsletter", "daily", "--sections", "Sea"], 1, "They do not have “daily” (they have: weekly)."),
        (["ann@example.com", "--name", "Ann", "--sections", "Moon"], 1, "“Moon” is not among the sections that can be chosen (offered: Sea, Sky)."),
        (["ann@example.com", "--cadence", "hourly"], 1, "has no cadence “hourly”"),
        (["ann@example.com", "--pause", "99"], 2, "Invalid value for '--pause'"),
        (["bob@example.com", "--pause", "2"], 1, "They have not confirmed “weekly”: there is nothing to pause."),
        (["nobody@example.com", "--pause", "2"], 1, "Nobody has this address."),
    ],
)
def test_what_cannot_be_chosen_is_said_and_nothing_changes(ann: Digest, arguments: list[str], code: int, said: str) -> None:
    before = [ann("show", who, "--json") for who in ("ann@example.com", "bob@example.com")]
    assert said in ann("edit", *arguments, code=code)
    assert [ann("show", who, "--json") for who in ("ann@example.com", "bob@example.com")] == before


def test_whoever_moves_and_chooses_at_once_is_found(ann: Digest) -> None:
    assert ann("edit", "ann@example.com", "--address", "ann@new.example", "--sections", "Sky") == "Changed: address.\nweekly: chosen anew.\n"
    assert weekly(ann, "ann@new.example")["sections"] == ["Sky"]
    assert commands.addresses(ann)[0] == ("ann@new.example", "weekly")
