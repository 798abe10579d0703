"""The picks of a choice by where they stand: everybody's articles, the blocks of the week, what is for some readers only, and reserves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from digest.editions.pool import folded
from digest.editions.values import Kind, Pick, Place

PLAIN = (Place.LEAD, Place.SECTION)
SOME = (Place.NEXT, Place.EXTRA, Place.MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article with the comment quoted under it."""

    article: Pick
    quote: Pick | None = None

    @property
    def id(self) -> int:
        return self.article.id

    @property
    def section(self) -> str:
        """Its folded name."""
        return folded(self.article.section)

    @property
    def picks(self) -> Iterator[Pick]:
        yield self.article
        if self.quote:
            yield self.quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`stories` are everybody's, the lead first; `beside` are for some readers only; `reserves` are articles and comments in the order in which they
    step in."""

    stories: tuple[Told, ...]
    top: tuple[Pick, ...] = ()
    recent: tuple[Pick, ...] = ()
    beside: tuple[Told, ...] = ()
    reserves: tuple[Pick, ...] = ()

    @classmethod
    def of(cls, picks: Iterable[Pick]) -> "Layout":
        every = tuple(picks)
        quotes = {pick.article_id: pick for pick in every if pick.place is Place.QUOTE}
        told = [Told(article=pick, quote=quotes.get(pick.id)) for pick in every if pick.kind is Kind.ARTICLE and pick.place is not Place.RESERVE]
        return cls(
            stories=tuple(one for one in told if one.article.place in PLAIN),
            top=tuple(pick for pick in every if pick.place is Place.TOP),
            recent=tuple(pick for pick in every if pick.place is Place.RECENT),
            beside=tuple(one for one in told if one.article.place in SOME),
            reserves=tuple(pick for pick in every if pick.place is Place.RESERVE),
        )

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All of them in order: the value that `of` was given."""
        stories = (pick for told in self.stories for pick in told.picks)
        beside = (pick for told in self.beside for pick in told.picks)
        return (*stories, *self.top, *self.recent, *beside, *self.reserves)

    def story(self, article: int) -> Told | None:
        """Everybody's story of that article."""
        return next((told for told in self.stories if told.id == article), None)

    @property
    def lead(self) -> Told | None:
        return next((told for told in self.stories if told.article.place is Place.LEAD), None)

    @property
    def sections(self) -> dict[str, list[Told]]:
        """What stands below the lead, by the folded names of sections in their order."""
        found: dict[str, list[Told]] = {}
        for told in self.stories:
            if told.article.place is Place.SECTION:
                found.setdefault(told.section, []).append(told)
        return found

    def with_sections(self, sections: Iterable[Iterable[Told]]) -> "Layout":
        """The lead, and below it these."""
        lead = (self.lead,) if self.lead else ()
        return replace(self, stories=(*lead, *(told for section in sections for told in section)))

    def without(self, article: int) -> "Layout":
        """Without an article that not everybody gets: nor what was quoted under it, nor what could have been."""
        return replace(
            self,
            beside=tuple(told for told in self.beside if told.id != article),
            reserves=tuple(pick for pick in self.reserves if pick.article_id != article),
        )
