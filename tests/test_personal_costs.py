"""What a personal edition costs in runs of Jinja and of the inliner: by its languages, and by nothing else."""

import shutil
from collections import Counter
from pathlib import Path

import jinja2
import premailer
import pytest

from digest.database import open_database
from digest.delivery.memory import MemoryTransport
from subscribers.wish import Wish
from tests.test_deliver import fill, hand_over, publish_at, settings_for
from tests.test_personal_edition import follow, set_reader

A_FRAME = {"body.html": 1, "body.txt": 1, "premailer": 1}


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    counted: Counter[str] = Counter()
    jinja, inliner = jinja2.Template.render, premailer.Premailer.transform

    def render(self: jinja2.Template, *values: object, **more: object) -> str:
        counted[str(self.name)] += 1
        return jinja(self, *values, **more)

    def transform(self: object) -> object:
        counted["premailer"] += 1
        return inliner(self)

    monkeypatch.setattr(jinja2.Template, "render", render)
    monkeypatch.setattr(premailer.Premailer, "transform", transform)
    return counted


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "digest.db")
    return f"sqlite:///{tmp_path / 'digest.db'}"


@pytest.mark.parametrize(
    ("readers", "plans", "languages"),
    [(10, 2, ["en"]), (1_000, 2, ["en"]), (1_000, 200, ["en"]), (10, 2, ["en", "de", "ar"]), (1_000, 200, ["en", "de", "ar"])],
)
def test_runs_grow_with_languages_alone(database: str, runs: Counter[str], readers: int, plans: int, languages: list[str]) -> None:
    engine, settings = open_database(database), settings_for(database)
    fill(engine, articles=12, readers=readers)
    follow(engine, *(Wish(sections=frozenset({"Sea", f"Section {number % plans}"})) for number in range(readers)))
    with engine.begin() as connection:
        for number in range(readers):
            set_reader(connection, number, language=languages[number % len(languages)])
    assert publish_at(engine, settings).queued == readers
    transport = MemoryTransport()
    assert hand_over(engine, settings, transport).tally.accepted == readers
    engine.dispose()
    assert len({mail.recipient for mail in transport.sent}) == len(transport.sent) == readers
    assert runs == {name: number * len(languages) for name, number in A_FRAME.items()}
