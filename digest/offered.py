"""What a newsletter offers its readers to choose from, and what of a choice that is. Names are its own, as digest.toml spells them. Pure."""

from collections.abc import Collection
from dataclasses import replace
from datetime import time

from digest.editions.pool import folded
from digest.newsletter import Newsletter
from subscribers.change import Choice

DAY = range(5, 23)


def plain(newsletter: Newsletter, choice: Choice) -> Choice:
    """The same, with the names that are declared in their declared spelling; others stay as they are."""
    sections, authors = newsletter.sign_up.sections, newsletter.sign_up.authors
    same = replace(
        choice,
        sections=_spelt(choice.sections, sections),
        authors=_spelt(choice.authors, authors),
        muted_sections=_spelt(choice.muted_sections, sections),
        muted_authors=_spelt(choice.muted_authors, authors),
    )
    return unlimited(newsletter, same)


def fitting(newsletter: Newsletter, choice: Choice) -> Choice:
    """What of it the newsletter offers. What is both followed and left out is left out."""
    offer, wanted = newsletter.sign_up, plain(newsletter, choice)
    sections, authors = frozenset(offer.sections), frozenset(offer.authors)
    muted_sections, muted_authors = (wanted.muted_sections & sections, wanted.muted_authors & authors) if offer.muting else (frozenset(), frozenset())
    kept = replace(
        wanted,
        cadence=wanted.cadence if wanted.cadence in newsletter.offered_cadences else "",
        sections=wanted.sections & sections - muted_sections,
        authors=wanted.authors & authors - muted_authors,
        muted_sections=muted_sections,
        muted_authors=muted_authors,
    )
    return unlimited(newsletter, kept)


def unlimited(newsletter: Newsletter, choice: Choice) -> Choice:
    """All sections there are, and no author: that is what everybody gets, and what is added later comes as well."""
    offered = frozenset(newsletter.sign_up.sections)
    return replace(choice, sections=frozenset()) if offered and choice.sections >= offered and not choice.authors else choice


def offered_hours(newsletter: Newsletter) -> tuple[int, ...]:
    """Those of the reader's day in which it would be handed over; none where all readers get it at one moment."""
    if not any(one.follows_readers for one in newsletter.in_every_cadence()):
        return ()
    quiet = newsletter.readers_time.quiet
    return tuple(hour for hour in DAY if quiet is None or time(hour) not in quiet)


def _spelt(names: Collection[str], declared: Collection[str]) -> frozenset[str]:
    known = {folded(name): name for name in declared}
    return frozenset(known.get(folded(name), name) for name in names)
