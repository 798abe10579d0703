"""Checks a finished mail. Pure, and over what a reader gets, so nothing can hide in a template.

Each module here holds the rules of one part of the mail and a function `check` that yields what breaks them. What it takes other people's machines to
find out (dead links, spam) comes as values from outside.
"""

from digest.publication import Colours
from digest.render.lint import colours as palette
from digest.render.lint import document, headers, links, outside, size, structure, subject, support, template, twin
from digest.render.lint.finding import Finding, Level, Rule
from digest.render.lint.mail import About, Mail, of_message, of_parts
from digest.render.lint.settled import settled

__all__ = ["RULES", "About", "Finding", "Level", "Mail", "Rule", "lint", "lint_mail", "of_message", "of_parts", "settled"]

_CHECKS = (size, document, structure, links, twin, template, palette, subject, headers, support)
READ = 500_000  # characters of HTML, five times what Gmail shows; to look over a million takes some seconds
RULES: tuple[Rule, ...] = tuple(rule for part in (*_CHECKS, outside) for rule in part.RULES)


def lint(html: str, text: str, *, colours: Colours | None = None, budget: int = 90_000) -> tuple[Finding, ...]:
    """All that is wrong with a filled page and its text; nothing when it is fit to be sent. `budget` is the most bytes its HTML may have."""
    return lint_mail(of_parts(html, text, About(colours=colours, budget=budget)))


def lint_mail(mail: Mail) -> tuple[Finding, ...]:
    """All that is wrong with a mail, as far as is known of it, part by part. Of one that is far too long nothing else is looked at."""
    checks = _CHECKS if len(mail.html) <= READ else (size,)
    return tuple(finding for module in checks for finding in module.check(mail))
