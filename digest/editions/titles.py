"""Subject and preheader of one reader's selection: by the same rules as the edition's own (`subject.py`). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from itertools import islice

from digest.editions.pool import Item, Plan, Pool, Said
from digest.editions.subject import ENGLISH, Substance, named, preheader, subject

GISTS = 2  # as many readers' words may stand in a preheader
# Titles that are remembered, by the stories they look at: thousands of plans begin with the same two or three.
KEPT, OPENING = 1_000, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """What a mail client shows of a message before it is opened."""

    subject: str
    preheader: str


def titles(pool: Pool, plan: Plan, texts: NullTranslations | None = ENGLISH) -> Titles:
    """The titles of a plan of this pool; `texts`: see `Substance`. For many plans of one pool see `Titler`."""
    return Titler(pool, texts).titles(plan)


class Titler:
    """Makes the titles of one pool's plans in one language. Most are told by how a plan begins, how many stories it has, and whether readers have
    their say in it; for plans that are alike in this they are made once."""

    def __init__(self, pool: Pool, texts: NullTranslations | None = ENGLISH) -> None:
        self._masthead = pool.masthead
        self._texts = texts
        self._quoted = (texts or ENGLISH).gettext("“%(text)s”")
        self._items = {item.id: item for item in pool.items}
        self._said = {said.id: said for said in (*pool.top, *pool.recent)}
        self._speaking = frozenset(item.id for item in pool.items if item.speakers), frozenset(said.id for said in pool.top if said.speakers)
        self._sponsor = frozenset({pool.masthead.sponsor} - {""})
        everybody = self._sponsor.union(*(item.speakers for item in pool.items), *(said.speakers for said in self._said.values()))
        self._named = lru_cache(KEPT)(lambda line: named(line, everybody))
        self._made: dict[tuple[int, bool, tuple[int, ...]], Titles] = {}

    def titles(self, plan: Plan) -> Titles:
        ranked, (items, said) = plan.ranked, self._speaking
        number, readers_speak = len(ranked), not (items.isdisjoint(ranked) and said.isdisjoint(plan.top))
        for far in range(1, OPENING + 1):
            made = self._made.get((number, readers_speak, ranked[:far]))
            if made is not None:
                return made
        made, far = self._make(plan, readers_speak=readers_speak)
        if 0 < far <= OPENING:
            if len(self._made) >= KEPT:
                self._made.clear()
            self._made[number, readers_speak, ranked[:far]] = made
        return made

    def _make(self, plan: Plan, *, readers_speak: bool) -> tuple[Titles, int]:
        """The titles, and how many of the plan's stories they depend on; 0 where they depend on more than stories."""
        stories, gists = _Read(self._items[number].title for number in plan.ranked), _Read(self._gists(plan))
        theirs, heard = self._unnamed(plan), set[str]()

        def unnamed(line: str) -> bool:
            found = self._named(line)
            heard.update(found)
            return not found.isdisjoint(theirs)

        masthead = self._masthead
        substance = Substance(
            titles=stories,
            gists=gists,
            readers_speak=readers_speak,
            unnamed=unnamed,
            newsletter=masthead.newsletter,
            publication=masthead.publication,
            description=masthead.description,
            day=masthead.day,
            texts=self._texts,
        )
        line = masthead.subject or subject(substance, masthead.last_subject)
        made = Titles(subject=line, preheader=masthead.preheader or preheader(substance, line))
        # Whose name must not stand in a line is another matter in each plan, but for the sponsor's.
        return made, 0 if gists.far or heard - self._sponsor else max(1, stories.far)

    def _gists(self, plan: Plan) -> Iterator[str]:
        quoting = (one for one in self._shown(plan.ranked, plan.top) if one.speakers)
        return (self._quoted % {"text": one.gist} for one in islice(quoting, GISTS))

    def _unnamed(self, plan: Plan) -> frozenset[str]:
        return self._sponsor.union(*(one.speakers for one in self._shown(plan.ranked, (*plan.top, *plan.recent))))

    def _shown(self, stories: tuple[int, ...], said: tuple[int, ...]) -> Iterator[Item | Said]:
        yield from map(self._items.__getitem__, stories)
        yield from map(self._said.__getitem__, said)


class _Read(tuple[str, ...]):
    """Texts, and how far they were read."""

    far = 0

    def __iter__(self) -> Iterator[str]:
        for number, text in enumerate(super().__iter__(), 1):
            self.far = max(self.far, number)
            yield text
