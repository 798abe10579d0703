"""The size of the page: Gmail cuts what is longer, and with it the way out."""

from collections.abc import Iterator

from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import CLIP, Mail

CUT = Rule(
    id="size.cut",
    level=Level.ERROR,
    why="Gmail shows the first 102 KB of a mail and hides the rest behind a link: the footer with the way out is gone.",
    mend="Fewer articles or comments ([newsletters.…limits]), shorter excerpts, or a theme with fewer styles.",
)
BUDGET = Rule(
    id="size.budget",
    why="Above its budget a mail comes near the 102 KB at which Gmail cuts it; links to leave have their own length in every mail.",
    mend="Lower limits.articles or limits.excerpt_words, or raise limits.html_bytes (102,400 at most).",
)
RULES = (CUT, BUDGET)


def check(mail: Mail) -> Iterator[Finding]:
    size, budget = len(mail.html.encode()), mail.about.budget
    if size > CLIP:
        yield CUT.found(f"The HTML has {size:,} bytes; Gmail cuts a mail at {CLIP:,}.")
    elif size > budget:
        yield BUDGET.found(f"The HTML has {size:,} bytes, {size - budget:,} more than the budget; Gmail cuts a mail at about 102,000.")
