"""What a form offers: the newsletters that are open, how often they come, and the words that are agreed to beside its button."""

from collections.abc import Sequence
from dataclasses import dataclass

from digest.mark import mark
from digest.newsletter import Newsletter
from digest.render.translation import translations
from digest.settings import Settings

RHYTHMS = {
    "every article": mark("with every new article"),
    "daily": mark("every day"),
    "weekdays": mark("every weekday"),
    "weekly": mark("every week"),
    "fortnightly": mark("every two weeks"),
    "biweekly": mark("every two weeks"),
    "monthly": mark("every month"),
    "quarterly": mark("every three months"),
}  # another word is shown as digest.toml writes it
ONE = mark("Yes, send me “{title}” by e-mail. I can leave at any time: every mail has a link for it.")
SEVERAL = mark("Yes, send me the newsletters that I ticked by e-mail. I can leave at any time: every mail has a link for it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    slug: str
    language: str  # of its title and description
    title: str
    description: str
    rhythm: str  # how often it comes, in words
    cadences: tuple[tuple[str, str], ...]  # to choose from, each with its words; none when there is only one
    sections: tuple[str, ...]
    wording: str  # the publisher's own, where there is one


def offer(newsletter: Newsletter, language: str) -> Offer:
    sign_up, offered = newsletter.sign_up, newsletter.offered_cadences
    return Offer(
        slug=newsletter.slug,
        language=newsletter.language,
        title=newsletter.title,
        description=newsletter.description,
        rhythm=rhythm(newsletter.cadence, language),
        cadences=tuple((cadence, rhythm(cadence, language)) for cadence in offered) if len(offered) > 1 else (),
        sections=sign_up.sections,
        wording=sign_up.wording,
    )


def open_newsletters(settings: Settings) -> tuple[Newsletter, ...]:
    """Those that people may join by themselves, in the order of digest.toml."""
    return tuple(newsletter for newsletter in settings.newsletters.values() if newsletter.sign_up.open)


def rhythm(cadence: str, language: str) -> str:
    return translations(language).gettext(RHYTHMS[cadence]) if cadence in RHYTHMS else cadence


def wording(newsletters: Sequence[Newsletter], language: str) -> str:
    """What is agreed to by a form for these newsletters: the publisher's own words for each, or a sentence of ours."""
    say = translations(language).gettext
    own = [f"{newsletter.title}: {newsletter.sign_up.wording}" for newsletter in newsletters if newsletter.sign_up.wording]
    if len(newsletters) > 1:
        return "\n".join((say(SEVERAL), *own))
    return newsletters[0].sign_up.wording or say(ONE).format(title=newsletters[0].title)


def wordings(settings: Settings, language: str) -> tuple[str, ...]:
    """The words of every form of ours in `language`: that for all newsletters, and those for each."""
    offered = open_newsletters(settings)
    return tuple(dict.fromkeys((wording(offered, language), *(wording((one,), language) for one in offered)))) if offered else ()
