"""Draws a newsletter's theme once, on a specimen, and looks the result over: a broken template is found before a slot finds it."""

import email
import email.policy
from collections.abc import Iterable, Iterator
from pathlib import Path

from digest.newsletter import Newsletter
from digest.publication import Publication
from digest.render.compile import compile_edition
from digest.render.compiled import Hole
from digest.render.draw import Drawn, Look, finished
from digest.render.fill import fill
from digest.render.lint import About, Finding, Level, lint_mail, of_parts, settled
from digest.render.marks import Marks
from digest.render.specimen import SITE, specimen

VALUES = {
    Hole.GREETING: "Hello Reader,",
    Hole.ADDRESS: "reader@example.com",
    Hole.UNSUBSCRIBE: f"{SITE}/leave",
    Hole.PREFERENCES: f"{SITE}/preferences",
    Hole.VIEW: f"{SITE}/view",
}
# What of the specimen's a selection shows or leaves out, by the block of the page that has to mark it.
MARKED = {"lead": "lead-1", "sections": "article-2", "top_comments": "top-3", "recent_comments": "recent-4", "join": "join-2"}


def check_theme(publication: Publication, newsletter: Newsletter, inliner: str = "premailer", own: Path | None = None) -> tuple[Finding, ...]:
    """What is not as it should be in the finished mail; raises `TemplateError` when there is no finished mail at all. `own`: see `draw`."""
    drawn = finished(specimen(newsletter), Look.of(publication, newsletter), inliner, own)
    compiled = compile_edition(drawn)
    head = f"MIME-Version: 1.0\r\nContent-Type: {compiled.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + fill(compiled, VALUES), policy=email.policy.default)
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    if html is None or text is None:
        return (Finding(where="parts", what="the mail lacks its HTML or its text"),)
    about = About(
        colours=publication.colours,
        budget=newsletter.limits.html_bytes,
        clients=newsletter.checks.clients,
        postal_address=publication.postal_address,
    )
    found = settled(lint_mail(of_parts(html.get_content(), text.get_content(), about)), newsletter.checks.ignore)
    return (*(one for one in found if one.level is not Level.NOTE), *_unmarked(drawn, newsletter.blocks))


def _unmarked(drawn: Drawn, blocks: Iterable[str]) -> Iterator[Finding]:
    marks = Marks(key=drawn.key)
    for block in blocks:
        name = MARKED.get(block, "")
        borders = {"html": marks.html_begin(name) in drawn.html, "txt": marks.text_begin(name) in drawn.text}
        for part in (part for part, found in borders.items() if name and not found):
            yield Finding(where=f"blocks/{block}.{part}", what=f"Nothing begins and ends “{name}”: who chose sections would get what others chose.")
