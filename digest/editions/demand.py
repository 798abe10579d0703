"""What the readers of an edition, taken together, want beyond what everybody gets. Values only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from digest.editions.pool import Had, Pool, folded
from subscribers.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Sections and authors that anybody follows, by their folded names; whether anybody mutes anything; what those had who came from another
    cadence, by `Wish.served`; and the languages that anybody chose. `wishes` are all of them one by one, None where they are not told. `Demand()`:
    nobody chose anything."""

    sections: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    muted: bool = False
    served: Mapping[str, Had] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    wishes: frozenset[Wish] | None = None

    @classmethod
    def of(cls, wishes: Iterable[Wish], served: Mapping[str, Had], languages: Iterable[str] = ()) -> "Demand":
        """The demand of these wishes; `served` is looked up by theirs."""
        known = frozenset(wishes)
        sections: frozenset[str] = frozenset().union(*(wish.sections for wish in known))
        authors: frozenset[str] = frozenset().union(*(wish.authors for wish in known))
        return cls(
            sections=frozenset(map(folded, sections)),
            authors=frozenset(map(folded, authors)),
            muted=any(wish.muted_sections or wish.muted_authors for wish in known),
            served=served,
            languages=frozenset(languages),
            wishes=known,
        )

    @classmethod
    def met_by(cls, pool: Pool) -> "Demand":
        """As much of it as can be told from a pool that was made for it: enough to make the edition anew, not to choose one."""
        return cls(sections=frozenset(item.section for item in pool.items), served=pool.served)

    @property
    def personal(self) -> bool:
        """Whether any reader may get other articles than everybody: then the edition has a pool."""
        return bool(self.sections or self.authors or self.muted or self.served)

    @property
    def reaches_on(self) -> bool:
        """Whether anybody does without some of the best, and needs more of the ranking."""
        return self.muted or bool(self.served)

    @property
    def missed(self) -> frozenset[int]:
        """The articles of earlier editions that anybody is owed."""
        return frozenset().union(*(had.missed for had in self.served.values()))


NOBODY = Demand()
