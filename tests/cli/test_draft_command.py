"""`digest draft` of an edition that editors changed."""

import json
from datetime import timedelta

from sqlalchemy import Engine

from digest.editions.changes import Change, Drop, Subject, Undo
from digest.editions.values import Kind
from digest.publish import publish
from digest.working import change
from tests.cli.test_personal_commands import AT, Digest, digest
from tests.test_deliver import SLOT, fill, settings_for

__all__ = ["digest"]


def pressed(engine: Engine, database_url: str, *made: Change) -> None:
    settings = settings_for(database_url)
    for seen, one in enumerate(made):
        change(engine, settings, settings.newsletter("weekly"), SLOT, one, who="Ana", now=SLOT - timedelta(hours=12), seen=seen)


def test_a_draft_is_as_the_editors_left_it_and_says_what_they_did(engine: Engine, database_url: str, digest: Digest) -> None:
    fill(engine)
    first = json.loads(digest("draft", "weekly", *AT, "--json")[0])
    assert first["changes"] == []
    lead = first["picks"][0]["id"]
    pressed(engine, database_url, Drop(item=Kind.ARTICLE, id=lead), Subject(text="Ours"), Undo(number=2))
    found = json.loads(digest("draft", "weekly", *AT, "--json")[0])
    assert lead not in {pick["article_id"] for pick in found["picks"]}
    assert [(one["number"], one["change"]["do"], one["who"], one["undone"]) for one in found["changes"]] == [
        (1, "drop", "Ana", False),
        (2, "subject", "Ana", True),
        (3, "undo", "Ana", False),
    ]
    said, _ = digest("draft", "weekly", *AT)
    flat = " ".join(said.split())
    assert "• 1. Ana dropped “The" in flat
    assert "• 2. Ana set the subject to “Ours”" in flat and "(undone)" in flat
    assert f"The article {lead} was dropped by Ana" in flat


def test_what_is_out_is_shown_as_it_went_out(engine: Engine, database_url: str, digest: Digest) -> None:
    fill(engine)
    settings = settings_for(database_url)
    before = json.loads(digest("draft", "weekly", *AT, "--json")[0])
    publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT)
    after = json.loads(digest("draft", "weekly", *AT, "--json")[0])
    assert after["picks"] == before["picks"]
