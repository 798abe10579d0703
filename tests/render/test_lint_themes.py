"""The program's own themes, in every language there is: nothing is found in them but that some programs show them a little plainer."""

import pytest

from digest.newsletter import Newsletter
from digest.publication import Colours
from digest.render.lint import About, lint_mail, of_parts
from digest.render.translation import languages
from tests.render.filling import seen
from tests.render.sample_edition import look, sample_edition

NEWSLETTER = Newsletter(slug="a", title="A", from_address="a@a.example")


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize(("theme", "engine"), [("classic", "premailer"), ("classic", "fast"), ("letter", "premailer")])
def test_nothing_is_found_in_our_own_themes(theme: str, engine: str, language: str) -> None:
    made = look(theme=theme, language=language)
    text, html = seen(sample_edition(), made, engine)
    about = About(colours=made.colours, clients=NEWSLETTER.checks.clients, postal_address=made.postal_address)
    assert {one.rule for one in lint_mail(of_parts(html, text, about))} == {"clients.graceful"}


@pytest.mark.parametrize(("changed", "rule"), [({"quiet": "#999999"}, "contrast.light"), ({"accent_dark": "#0b5c4a"}, "contrast.dark")])
def test_a_palette_that_cannot_be_read_is_found_on_the_page_itself(changed: dict[str, str], rule: str) -> None:
    text, html = seen(sample_edition(), look(colours=Colours(**changed)))
    found = [one for one in lint_mail(of_parts(html, text, About())) if one.rule == rule]
    assert found and all(one.spot for one in found)
