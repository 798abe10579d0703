"""What the mail programs that a publication's readers use cannot show, by caniemail's table."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from digest.render.elements import Page
from digest.render.lint.detect import Used, detectors, used
from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import Mail
from digest.render.lint.table import NO, PARTLY, Feature, table

UNSUPPORTED = Rule(
    id="clients.unsupported",
    why="Readers with this program see the page without it. The tests are caniemail.com’s, of the program’s newest version tested.",
    mend="Do without it in the theme, or let the page stand without it; a program none of your readers use can be left out of checks.clients.",
)
PARTLY_SUPPORTED = Rule(
    id="clients.partly",
    level=Level.NOTE,
    why="It is shown, but not in every case; the note says in which. The tests are caniemail.com’s.",
    mend="Look at the page in that program, or do without it in the theme.",
)
GRACEFUL = Rule(
    id="clients.graceful",
    level=Level.NOTE,
    why="Readers with other programs see the page all the same, a little plainer.",
    mend="Nothing has to be done.",
)
UNKNOWN = Rule(
    id="clients.unknown",
    why="Nothing is checked for a program that the table does not know.",
    mend="Correct the name in [newsletters.…checks] clients; docs/checks.md lists all.",
)
RULES = (UNSUPPORTED, PARTLY_SUPPORTED, GRACEFUL, UNKNOWN)


def check(mail: Mail) -> Iterator[Finding]:
    if not mail.about.clients:
        return
    known = table()
    for name in mail.about.clients:
        if not known.meant(name):
            near = get_close_matches(name, known.clients, n=1)
            yield UNKNOWN.found(f"There is no mail program “{name}” in caniemail’s table.{f' Did you mean “{near[0]}”?' if near else ''}")
    clients = [client for client in known.clients if any(client in known.meant(name) for name in mail.about.clients)]
    harmless = _harmless(mail.page)
    little = []
    for slug, use in sorted(used(mail.page).items()):
        feature = known.features[slug]
        if slug in harmless and feature.by(clients, NO):
            little.append(f"{feature.title}: {harmless[slug]}")
        elif slug not in harmless:
            yield from _judged(feature, use, clients)
    if little:
        some = f"{len(little)} features" if len(little) > 1 else "one feature"
        yield GRACEFUL.found(f"Not every program shows {some} of the page; little is lost by it.", details=tuple(little))


def _harmless(page: Page) -> Mapping[str, str]:
    """What is lost by little, and what then happens. So is a greatest width, where Outlook for Windows finds a table of its width in a comment."""
    graceful = detectors()["graceful"]
    if any(comment.startswith("[if mso") and "<table" in comment and "width=" in comment for comment in page.comments):
        return {**graceful, "css-max-width": "Outlook for Windows takes the width of the table in its own comment"}
    return graceful


def _judged(feature: Feature, use: Used, clients: Iterable[str]) -> Iterator[Finding]:
    lacking, partly = feature.by(clients, NO), feature.by(clients, PARTLY)
    often = f" It is used {use.times} times." if use.times > 1 else ""
    if lacking:
        yield UNSUPPORTED.found(f"{feature.title} is not shown by {table().names(lacking)}.{feature.said(lacking)}{often}", use.spot)
    if partly and use.bitten:
        yield PARTLY_SUPPORTED.found(f"{feature.title} is shown in part by {table().names(partly)}.{feature.said(partly)}{often}", use.spot)
