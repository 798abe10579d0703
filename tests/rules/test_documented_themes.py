"""docs/themes.md is true: every value, hole, filter and file of a theme is told, and each example shows what a template would."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from jinja2 import filters as jinja

from digest.content.values import Image
from digest.editions.values import Edition, Link, Parent, Person, Quote, Section, SponsorBlock, Story
from digest.newsletter import Newsletter
from digest.publication import Colours, Publication
from digest.render import sandbox_limits as limits
from digest.render.compiled import Hole
from digest.render.environment import environment, render, templates_folder
from digest.render.look import Look
from digest.render.marks import Marks
from digest.render.outline import SELECTABLE
from digest.render.paint import values
from digest.render.specimen import specimen

TEXT = (Path(__file__).parents[2] / "docs" / "themes.md").read_text()
ROWS = [re.split(r" (?<!\\)\| ", line.strip("| ")) for line in TEXT.splitlines() if line.startswith("| `")]
EXAMPLES = [(row[0].split("`")[1], row[2]) for row in ROWS if len(row) == 3]
TOLD = {
    "edition": (Edition, {"pool"}),  # what readers' own selections are made from
    "section": (Section, set()),
    "story": (Story, {"rank"}),  # what the size budget takes out first
    "image": (Image, set()),
    "quote": (Quote, set()),
    "parent": (Parent, set()),
    "link": (Link, set()),
    "sponsor": (SponsorBlock, set()),
    "person": (Person, set()),
    "look": (Look, set()),
}
PUBLICATION = Publication(name="The Lamp", url="https://lamp.example", postal_address="1 Wick Lane\nOld Quay")
NEWSLETTER = Newsletter(
    slug="weekly", title="Weekly", description="What was said on the quay.", from_address="post@lamp.example", time_zone="Europe/London"
)


def told(prefix: str) -> set[str]:
    return {name.removeprefix(f"{prefix}.") for row in ROWS for name in re.findall(r"`([^`]+)`", row[0]) if name.startswith(f"{prefix}.")} - {
        "html",
        "txt",
    }


@pytest.mark.parametrize("name", TOLD)
def test_every_value_is_told(name: str) -> None:
    kind, inner = TOLD[name]
    of_class = {field.name for field in fields(kind)} | {key for key, value in vars(kind).items() if isinstance(value, property)}
    assert told(name) == of_class - inner


def test_every_colour_hole_mark_filter_and_file_is_told(tmp_path: Path) -> None:
    assert told("colours") == set(Colours.model_fields)
    assert told("holes") == {hole.value for hole in Hole}
    names = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[0])}
    assert {name.partition("-")[0] for name in names if "-" in name} >= SELECTABLE
    assert names >= set(environment((tmp_path,), "en", "UTC").filters) - set(jinja.FILTERS)
    editions = templates_folder() / "editions"
    files = {path.relative_to(theme).as_posix() for theme in editions.iterdir() for path in theme.rglob("*.*")}
    assert {name for name in names if name.endswith((".html", ".txt", ".css"))} == files


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_each_example_shows_what_a_template_would(tmp_path: Path, name: str, example: str) -> None:
    edition, look, marks = specimen(NEWSLETTER), Look.of(PUBLICATION, NEWSLETTER), Marks(key="0123456789")
    assert edition.lead and edition.lead.quote
    given = values(edition, look, marks, marks.html_begin, marks.html_end) | {
        "story": edition.lead,
        "quote": edition.lead.quote,
        "parent": edition.lead.quote.parent,
        "image": edition.lead.image,
        "section": edition.sections[0],
        "sponsor": edition.sponsor,
        "person": edition.people[0],
        "link": edition.join[0],
        "colours": look.colours,
    }
    expression, shown = example.split(" → ") if " → " in example else (f"`{name}`", example)
    (tmp_path / "a.txt").write_text("{{ " + expression.strip("`").replace("\\|", "|") + " }}")
    found = render(environment((tmp_path,), "en", "Europe/London"), "a.txt", given).replace("\u202f", " ")
    expected = "" if shown == "nothing" else shown.strip("`")
    assert found.startswith(expected[:-1]) if expected.endswith("…") else found == expected


def test_the_limits_are_told_as_they_are() -> None:
    assert f"{limits.SECONDS:.0f} seconds of work, {limits.MEMORY // 2**20} MB, {limits.CHARACTERS // 2**20} million characters" in TEXT
