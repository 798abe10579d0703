"""What the readers of an edition would get of it by their own choice: how many different editions that makes, and the commonest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func

from digest.editions.plan import Planner
from digest.editions.pool import Pool
from digest.newsletter import Newsletter
from digest.readership import readership
from subscribers.wish import Wish
from subscribers.wishes import wishes

COMMONEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who would be queued: how many, and each wish as its key with how many have it, the commonest first."""

    number: int
    wishes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One wish. `articles` is 0 and `lead` empty where nothing is new for its readers: they get no mail."""

    wish: Wish
    readers: int
    articles: int
    lead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCount:
    """`everybody`: readers who chose nothing, and get what the edition is without them. `distinct`: so many editions differ in anything they show."""

    everybody: int
    wishes: int
    readers: int
    distinct: int
    nothing_new: int
    commonest: tuple[PlanLine, ...]


def readers_of(connection: Connection, newsletter: Newsletter, now: datetime) -> Readers:
    """Two queries."""
    audience = readership(newsletter, now)
    number = connection.scalar(audience.with_only_columns(func.count())) or 0
    return Readers(number=number, wishes=wishes(connection, audience))


def plan_count(pool: Pool | None, readers: Readers) -> PlanCount:
    """Pure. Without a pool all get the same, whatever they chose. The size budget is not looked at: it may take from a mail what does not fit."""
    planner = Planner(pool) if pool else None
    titles = {item.id: item.title for item in pool.items} if pool else {}
    lines: list[PlanLine] = []
    distinct: set[tuple[tuple[int, ...], ...]] = set()
    nothing = 0
    for key, number in readers.wishes if planner else ():
        wish = Wish.parse(key)
        plan = planner.plan(wish) if planner else None
        if plan is None:
            nothing += number
        else:
            distinct.add((plan.ranked, plan.top, plan.recent, plan.join))
        if len(lines) < COMMONEST:
            lines.append(_line(wish, number, plan.ranked if plan else (), titles))
    chose = sum(number for _, number in readers.wishes) if planner else 0
    return PlanCount(
        everybody=readers.number - chose,
        wishes=len(readers.wishes) if planner else 0,
        readers=chose,
        distinct=len(distinct),
        nothing_new=nothing,
        commonest=tuple(lines),
    )


def _line(wish: Wish, readers: int, ranked: Iterable[int], titles: dict[int, str]) -> PlanLine:
    ids = tuple(ranked)
    return PlanLine(wish=wish, readers=readers, articles=len(ids), lead=titles[ids[0]] if ids else "")
