"""The box beside an article as HTML for any site: a form that needs nothing, some scoped style, and a few lines of script where they are wanted."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass

from digest.errors import SettingsError
from digest.newsletter import Newsletter
from digest.publication import Colours
from digest.render.contrast import contrast
from digest.render.environment import environment, render
from digest.render.look import Look
from digest.render.translation import SOURCE, languages, pick
from digest.settings import Settings
from digest.web.offers import wording
from digest.web.static import folders
from subscribers.wording import version

READABLE = 4.5  # WCAG 2.2, 1.4.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a box is to be. Empty texts are ours, in its language."""

    title: str = ""
    text: str = ""
    button: str = ""
    language: str = ""  # empty: the newsletter's
    script: bool = True
    style: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    html: str
    wording: str  # the words agreed to
    style: str  # what stands within <style> and <script>; empty where there is none
    script: str

    @property
    def policy(self) -> dict[str, str]:
        """By directive, what a Content-Security-Policy must allow beside the pages' own host."""
        hashes = {"style-src": self.style, "script-src": self.script}
        return {directive: source(text) for directive, text in hashes.items() if text}


def box(settings: Settings, newsletter: Newsletter, manner: Manner) -> Box:
    """The box for a newsletter. `SettingsError` when nobody could subscribe by it."""
    if not settings.pages.url:
        raise SettingsError("[pages] url is empty: a box on another site has to know where your pages are.")
    if not newsletter.sign_up.open:
        raise SettingsError(f"“{newsletter.slug}” cannot be subscribed to: [newsletters.{newsletter.slug}.sign_up] open is false.")
    language = pick((manner.language, newsletter.language), languages(), SOURCE)
    look = Look.of_house(settings.publication, language)
    made = environment(folders(settings), language, settings.publication.time_zone)
    words = wording((newsletter,), language)
    style = _lines(render(made, "box.css", {"accent": look.colours.accent, "on_accent": _on(look.colours)})) if manner.style else ""
    script = _lines(render(made, "box.js", {})) if manner.script else ""
    values = {
        "look": look,
        "url": settings.pages.url,
        "privacy": settings.pages.privacy or f"{settings.pages.url}/privacy",
        "slug": newsletter.slug,
        "title": manner.title,
        "text": manner.text or newsletter.description,
        "button": manner.button,
        "wording": words,
        "version": version(words),
        "style": style,
        "script": script,
    }
    return Box(html=_lines(render(made, "box.html", values)), wording=words, style=style, script=script)


def source(text: str) -> str:
    """What lets exactly this text of a <style> or <script> in (CSP 3, 2.3.1)."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _on(colours: Colours) -> str:
    """The colour of the words on the button."""
    if contrast(colours.paper, colours.accent) >= READABLE:
        return colours.paper
    return max(("#ffffff", "#000000"), key=lambda one: contrast(one, colours.accent))


def _lines(text: str) -> str:
    """Without empty lines: WordPress takes one for the end of a paragraph, even within a script."""
    return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"
