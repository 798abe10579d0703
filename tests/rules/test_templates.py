"""Every theme draws, its mail is as it should be, and no template lies about unused."""

from pathlib import Path

import jinja2
import pytest

from digest.newsletter import Newsletter
from digest.publication import Publication
from digest.render.check import check_theme
from digest.render.environment import environment, templates_folder

EDITIONS = templates_folder() / "editions"
THEMES = sorted(path.name for path in EDITIONS.iterdir() if path.is_dir())
PUBLICATION = Publication(name="The Lamp", url="https://lamp.example", postal_address="1 Wick Lane")


def newsletter(theme: str) -> Newsletter:
    return Newsletter(slug="weekly", title="Weekly", from_address="post@lamp.example", theme=theme)


@pytest.mark.parametrize("inliner", ["premailer", "fast"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_draws_a_mail_without_findings(theme: str, inliner: str) -> None:
    assert check_theme(PUBLICATION, newsletter(theme), inliner) == ()


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_has_no_template_that_nothing_uses(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[Path] = set()
    source = jinja2.FileSystemLoader.get_source

    def watched(self: jinja2.FileSystemLoader, environment: jinja2.Environment, template: str) -> object:
        found = source(self, environment, template)
        read.add(Path(found[1]))
        return found

    monkeypatch.setattr(jinja2.FileSystemLoader, "get_source", watched)
    environment.cache_clear()
    check_theme(PUBLICATION, newsletter(theme))
    assert {path for path in (EDITIONS / theme).rglob("*") if path.is_file()} - read == set()
