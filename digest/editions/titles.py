"""Subject and preheader of one reader's selection: by the same rules as the edition's own (`subject.py`). Pure."""

from dataclasses import dataclass
from gettext import NullTranslations
from itertools import islice

from digest.editions.pool import Item, Plan, Pool, Said
from digest.editions.subject import ENGLISH, Substance, preheader, subject

GISTS = 2  # as many readers' words may stand in a preheader


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """What a mail client shows of a message before it is opened."""

    subject: str
    preheader: str


def titles(pool: Pool, plan: Plan, texts: NullTranslations | None = ENGLISH) -> Titles:
    """The titles of a plan of this pool; `texts`: see `Substance`. For many plans of one pool see `Titler`."""
    return Titler(pool, texts).titles(plan)


class Titler:
    """Makes the titles of one pool's plans in one language."""

    def __init__(self, pool: Pool, texts: NullTranslations | None = ENGLISH) -> None:
        self._masthead = pool.masthead
        self._texts = texts
        self._quoted = (texts or ENGLISH).gettext("“%(text)s”")
        self._items: dict[int, Item] = {item.id: item for item in pool.items}
        self._said: dict[int, Said] = {said.id: said for said in (*pool.top, *pool.recent)}

    def titles(self, plan: Plan) -> Titles:
        items = [self._items[number] for number in plan.ranked]
        top = [self._said[number] for number in plan.top]
        quoting: list[Item | Said] = [item for item in items if item.speakers]
        quoting += [said for said in top if said.speakers]
        names = {name for one in quoting for name in one.speakers}
        for number in plan.recent:
            names.update(self._said[number].speakers)
        masthead = self._masthead
        if masthead.sponsor:
            names.add(masthead.sponsor)
        substance = Substance(
            titles=tuple(item.title for item in items),
            gists=tuple(self._quoted % {"text": one.gist} for one in islice(quoting, GISTS)),
            readers_speak=bool(quoting),
            unnamed=frozenset(names),
            newsletter=masthead.newsletter,
            publication=masthead.publication,
            description=masthead.description,
            day=masthead.day,
            texts=self._texts,
        )
        line = masthead.subject or subject(substance, masthead.last_subject)
        return Titles(subject=line, preheader=masthead.preheader or preheader(substance, line))
