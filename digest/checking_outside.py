"""What is asked of others about a mail, when somebody wants to know: where its links lead, and what a spam filter says."""

from collections.abc import Iterator, Mapping

from digest.newsletter import Newsletter
from digest.render.elements import Element, read_page
from digest.render.lint import Finding, Level
from digest.render.lint.outside import DEAD, MOVED, SILENT, SPAM, UNSURE
from digest.settings import Settings
from digest.sources.reach import SECONDS, Reached, Way, reach
from digest.spam import Judged, NoFilter, judged


def dead_links(html: str, settings: Settings, *, seconds: float = SECONDS) -> Iterator[Finding]:
    """Which links of the page, and pictures, lead nowhere. Those to readers' own pages are not asked: they are a sample's."""
    places = dict(_places(html, settings.pages.url))
    for reached in reach(places, settings.fetch, seconds=seconds):
        yield from _finding(reached, places)


def _places(html: str, own: str) -> Iterator[tuple[str, Element]]:
    """Where something leads, the first of its kind on the page last, so that it is the one that is kept."""
    for element in reversed(read_page(html).elements):
        address = element.attributes.get("href" if element.tag == "a" else "src" if element.tag == "img" else "", "")
        if address.startswith(("http://", "https://")) and not (own and address.startswith(own)):
            yield address, element


def _finding(reached: Reached, places: Mapping[str, Element]) -> Iterator[Finding]:
    element = places[reached.url]
    what = f"The picture {reached.url}" if element.tag == "img" else f"“{element.name}”, {reached.url}"
    if reached.way is Way.DEAD:
        yield DEAD.found(f"{what}: {reached.why}", element.spot)
    elif reached.way is Way.UNSURE:
        yield UNSURE.found(f"{what}: {reached.why}", element.spot)
    elif reached.moved_to:
        yield MOVED.found(f"{what} has moved to {reached.moved_to}", element.spot)


def spam(message: bytes, newsletter: Newsletter) -> Finding:
    """What the filter says; there is always something to say."""
    try:
        found = judged(message, rspamd=newsletter.checks.rspamd)
    except NoFilter as error:
        return SILENT.found(str(error))
    limit = newsletter.checks.spam_score
    return SPAM.found(_said(found, limit), level=Level.NOTE if found.points < limit else None)


def _said(found: Judged, limit: float) -> str:
    rules = "; ".join(f"{one.points:g} {one.rule}{f' ({one.what})' if one.what else ''}" for one in found.given[:8])
    return f"{found.by} gives it {found.points:g} points; from {limit:g} it counts as spam.{f' {rules}.' if rules else ''}"
