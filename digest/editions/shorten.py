"""An edition above the size budget, made shorter step by step: first its excerpts, then its last items."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from gettext import NullTranslations
from itertools import count

from digest.content.excerpt import excerpt
from digest.editions.selection import present
from digest.editions.stories import ELLIPSIS, ellipsed
from digest.editions.subject import ENGLISH, recount
from digest.editions.values import Edition, Quote, Section, Story

EXCERPTS = (40, 25, 15)  # words, in the first steps
QUOTES = 30  # words, from the last of these steps on


def shorten(edition: Edition, step: int, texts: NullTranslations | None = ENGLISH) -> tuple[Edition, tuple[str, ...]] | None:
    """The edition one step shorter, and what was done, in sentences; None when nothing is left to take.

    Steps count from 0 and build on each other: give each the edition of the one before. The lead (and so the pin) and the sponsor stay.
    `texts` are those that the subject was made with. Of an edition with a pool only texts are shortened: each reader's plan loses its own last items
    (`fit.py`).
    """
    if step < len(EXCERPTS):
        return _with_shorter_texts(edition, step)
    return _without_last(edition, texts) if edition.pool is None else None


def shortened(edition: Edition, texts: NullTranslations | None = ENGLISH) -> Iterator[tuple[Edition, tuple[str, ...]]]:
    """All steps of `shorten`, one built on the other, as far as there are any."""
    for step in count():
        shorter = shorten(edition, step, texts)
        if shorter is None:
            return
        edition = shorter[0]
        yield shorter


def _with_shorter_texts(edition: Edition, step: int) -> tuple[Edition, tuple[str, ...]]:
    words = EXCERPTS[step]
    quotes = QUOTES if step == len(EXCERPTS) - 1 else 0

    def shorter(story: Story) -> Story:
        quote = _shorter_quote(story.quote, quotes) if story.quote and quotes else story.quote
        return replace(story, excerpt=_shorter(story.excerpt, words), quote=quote)

    made = _each_story(edition, shorter)
    if quotes:
        made = replace(made, top_comments=tuple(_shorter_quote(quote, quotes) for quote in made.top_comments))
    said = f"Excerpts were shortened to {words} words to keep within the size budget."
    return made, (() if made == edition else (said,))


def _shorter(text: str, words: int) -> str:
    own = excerpt(text.removesuffix(ELLIPSIS).rstrip(), words)
    return ellipsed(own.text) if own.cut else text


def _shorter_quote(quote: Quote, words: int) -> Quote:
    own = excerpt(quote.text, words, paragraphs=True)
    return replace(quote, text=own.text, cut=quote.cut or own.cut, reply=_shorter_quote(quote.reply, words) if quote.reply else None)


def _each_story(edition: Edition, change: Callable[[Story], Story]) -> Edition:
    sections = tuple(replace(section, stories=tuple(change(story) for story in section.stories)) for section in edition.sections)
    leads = tuple(change(story) for story in edition.leads)
    return replace(edition, lead=change(edition.lead) if edition.lead else None, leads=leads, sections=sections)


def _without_last(edition: Edition, texts: NullTranslations | None) -> tuple[Edition, tuple[str, ...]] | None:
    """Recent comments go first, from the oldest; then stories, the lowest first; then the top comments."""
    if edition.recent_comments:
        return _tidy(replace(edition, recent_comments=edition.recent_comments[:-1]), edition, "A recent comment", texts)
    stories = [story for section in edition.sections for story in section.stories if story.rank]
    if stories:
        last = max(stories, key=lambda story: (story.rank, story.article_id))
        return _tidy(replace(edition, sections=tuple(_sections_without(edition, last))), edition, f"The story “{last.title}”", texts)
    if edition.top_comments:
        return _tidy(replace(edition, top_comments=edition.top_comments[:-1]), edition, "A top comment", texts)
    return None


def _sections_without(edition: Edition, last: Story) -> Iterator[Section]:
    for section in edition.sections:
        stories = tuple(story for story in section.stories if story is not last)
        if stories:
            yield replace(section, stories=stories)


def _tidy(shorter: Edition, before: Edition, what: str, texts: NullTranslations | None) -> tuple[Edition, tuple[str, ...]]:
    """What else speaks of the item that went: the subject's number of stories, the links to the talk, the blocks that are now empty."""
    shown = {story.article_id for story in shorter.stories}
    kept = [(link, count) for link, count in zip(shorter.join, shorter.join_counts, strict=True) if link.article_id in shown]
    made = replace(
        shorter,
        subject=recount(shorter.subject, len(before.stories) - 1, len(shorter.stories) - 1, texts),
        join=tuple(link for link, _ in kept),
        join_counts=tuple(count for _, count in kept),
    )
    return replace(made, blocks=present(made, before.blocks)), (f"{what} was taken out to keep within the size budget.",)
