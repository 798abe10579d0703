"""An edition drawn, inlined, compiled and looked over, against premailer alone on the same page."""

import logging
from dataclasses import replace
from datetime import timedelta

from premailer import Premailer

from digest.content.values import Role
from digest.editions.values import Edition, Quote, Section, Story
from digest.publication import Colours
from digest.render.compile import compile_edition
from digest.render.draw import draw
from digest.render.inline import inline
from digest.render.lint import lint
from digest.render.specimen import specimen
from tests.benchmarks.edition import LOOK, NEWSLETTER, NOW
from tests.benchmarks.measure import Measured, seconds
from tests.benchmarks.prose import prose

STORIES, QUOTES = 20, 40
BUDGET = 1_000_000  # bytes: of no concern here


def compiling() -> Measured:
    """As publishing does it, once an edition, with the look over the finished page that `digest check` adds."""
    full = edition()
    page = draw(full, LOOK).html
    _premailer(page)  # so that both find the style sheet parsed
    theirs = seconds(lambda: _premailer(page))
    ours = seconds(lambda: _made(full))
    what = f"an edition of {STORIES} articles, {QUOTES} comments, drawn, inlined, compiled, checked"
    return Measured(what=what, ours=ours, against="premailer alone", other=theirs, more=f"{len(page.encode()) / 1000:.0f} kB")


def _made(full: Edition) -> None:
    drawn = draw(full, LOOK)
    page = drawn.with_html(inline(drawn.html))
    compile_edition(page)
    lint(page.html, page.text, colours=Colours(), budget=BUDGET)


def _premailer(page: str) -> None:
    Premailer(
        page,
        allow_network=False,
        keep_style_tags=False,
        strip_important=False,
        remove_classes=False,
        disable_validation=True,
        cssutils_logging_level=logging.CRITICAL,
    ).transform()


def edition() -> Edition:
    """The specimen with its places filled: a lead, stories with a quote each in four sections, and the week's comments."""
    small = specimen(NEWSLETTER)
    if small.lead is None or small.lead.quote is None:
        raise ValueError("the specimen has no quoted lead to make others of")
    quotes = [_quote(small.lead.quote, number) for number in range(QUOTES)]
    stories = [_story(small.lead, number, quotes[number]) for number in range(STORIES)]
    sections = tuple(Section(title=f"Section {number}", stories=tuple(stories[1 + number :: 4])) for number in range(4))
    top = (QUOTES - STORIES) // 2
    week = quotes[STORIES:]
    return replace(small, lead=stories[0], sections=sections, top_comments=tuple(week[:top]), recent_comments=tuple(week[top:]))


def _story(pattern: Story, number: int, quote: Quote) -> Story:
    title = prose(number, 8).rstrip(".")
    return replace(pattern, article_id=number + 1, title=title, excerpt=prose(number + 100, 50), quote=quote, rank=number)


def _quote(pattern: Quote, number: int) -> Quote:
    parent = pattern.parent if number % 4 == 0 else None
    made = replace(
        pattern, comment_id=number + 1, author=f"Reader {number}", role=Role.READER, text=prose(number + 200, 45), parent=parent, reply=None
    )
    return replace(
        made, article_id=number % STORIES + 1, article_title=prose(number % STORIES, 8).rstrip("."), posted_at=NOW - timedelta(hours=number)
    )
