"""The stories of an edition in the order of its page: those that everybody gets, and those kept for readers' own selections among them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from digest.editions.pool import folded
from digest.editions.stories import Writing
from digest.editions.values import Choice, Kind, Pick, Place, Section, Story
from digest.newsletter import Newsletter

PLAIN = (Place.LEAD, Place.SECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article of the page. `long` is its story at the length of a lead, where it may lead; `rank` counts from 0 among those ranked site-wide."""

    pick: Pick
    story: Story
    long: Story | None
    rank: int | None

    @property
    def everybodys(self) -> bool:
        return self.pick.place in PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`entries` are in order; `lead` is everybody's."""

    entries: tuple[Entry, ...]
    sections: tuple[Section, ...]
    lead: Story | None

    @property
    def plain(self) -> tuple[Story, ...]:
        """What everybody gets."""
        lead = (self.lead,) if self.lead else ()
        ours = {entry.story.article_id for entry in self.entries if entry.everybodys} - {story.article_id for story in lead}
        return lead + tuple(story for section in self.sections for story in section.stories if story.article_id in ours)


def page(choice: Choice, writing: Writing, newsletter: Newsletter, *, pooled: bool) -> Page:
    """Everybody's stories in the choice's order; `pooled`: all others as well, after them in their section, by score.

    A newsletter without a lead block shows that story first in its section. Where there is one, the lead stands in its section too if `pooled`,
    for whoever has another lead.
    """
    entries = list(_entries(choice, writing, newsletter, pooled=pooled))
    leads = "lead" in newsletter.blocks
    lead = next((entry.long for entry in entries if entry.pick.place is Place.LEAD), None) if leads else None
    shown = [entry for entry in entries if pooled or not leads or entry.pick.place is not Place.LEAD]
    if "sections" not in newsletter.blocks:
        return Page(entries=tuple(entries), sections=(), lead=lead)
    grouped = _grouped(shown)
    plain = [
        name for name, group in _grouped(entry for entry in shown if entry.everybodys and not (leads and entry.pick.place is Place.LEAD)).items()
    ]
    order = _in_order(plain, grouped, newsletter)
    sections = tuple(Section(title=_title(grouped[name], leads=leads), stories=tuple(entry.story for entry in grouped[name])) for name in order)
    ahead = [entry for entry in entries if entry not in shown]
    return Page(entries=(*ahead, *(entry for name in order for entry in grouped[name])), sections=sections, lead=lead)


def _entries(choice: Choice, writing: Writing, newsletter: Newsletter, *, pooled: bool) -> Iterator[Entry]:
    quotes = {pick.article_id: pick for pick in choice.picks if pick.place is Place.QUOTE}
    limits, leads = newsletter.limits, "lead" in newsletter.blocks
    ranks = ranked(choice)
    for pick in _articles(choice, pooled=pooled):
        rank, quote = ranks[pick.id], quotes.get(pick.id)
        story = writing.story(pick, quote, words=limits.excerpt_words, rank=rank)
        if story is None:
            continue
        may_lead = leads and (pooled or pick.place is Place.LEAD)
        long = writing.story(pick, quote, words=limits.lead_excerpt_words, rank=rank) if may_lead else None
        site_wide = pick.place in (*PLAIN, Place.NEXT)
        yield Entry(pick=pick, story=story, long=long, rank=rank if site_wide else None)


def _articles(choice: Choice, *, pooled: bool) -> list[Pick]:
    """Everybody's in their order, then the others by score."""
    articles = [pick for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place is not Place.RESERVE]
    others = sorted((pick for pick in articles if pick.place not in PLAIN), key=lambda pick: (-pick.score, pick.id)) if pooled else []
    return [pick for pick in articles if pick.place in PLAIN] + others


def ranked(choice: Choice) -> Mapping[int, int]:
    """Each article's rank: the lead, what editors pinned, everybody's by score, the next of the ranking in its order, then all others by score."""
    places = (Place.LEAD, Place.SECTION, Place.NEXT)
    articles = [pick for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place is not Place.RESERVE]

    def order(pick: Pick) -> tuple[int, bool, float, int]:
        level = places.index(pick.place) if pick.place in places else len(places)
        return (level, False, 0.0, 0) if pick.place is Place.NEXT else (level, not pick.kept, -pick.score, pick.id)

    return {pick.id: rank for rank, pick in enumerate(sorted(articles, key=order))}


def _grouped(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(folded(entry.story.section), []).append(entry)
    return grouped


def _in_order(plain: list[str], grouped: Mapping[str, list[Entry]], newsletter: Newsletter) -> list[str]:
    """Everybody's sections as they stand; of the others those that the newsletter names where it names them, the rest after, by their best."""
    named = {folded(section): place for place, section in enumerate(newsletter.sections)}
    order = list(plain)
    further = sorted(
        grouped.keys() - set(plain), key=lambda name: (named.get(name, len(named)), -max(entry.pick.score for entry in grouped[name]), name)
    )
    for name in further:
        later = (place for place, other in enumerate(order) if named.get(other, len(named)) > named.get(name, len(named)))
        order.insert(next(later, len(order)), name)
    return order


def _title(group: list[Entry], *, leads: bool) -> str:
    """As everybody's edition spells it."""
    plain = (entry for entry in group if entry.everybodys and not (leads and entry.pick.place is Place.LEAD))
    return next(plain, group[0]).story.section
