"""How editions stand, who hands them over, and what is in the way."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.delivery.domains import HeldDomain, SlowedDomain, held_domains, slowed
from digest.delivery.plans import nothing_new
from digest.delivery.relays import ShutRelay, shut_relays
from digest.delivery.tally import last_hour, next_due, tally
from digest.delivery.values import Tally
from digest.delivery.workers import WorkerStand, living
from digest.editions import store
from digest.editions.values import EditionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Of an edition that is being sent, at the pace of all workers together. `seconds_left` is until what is queued now, of it and of the older
    editions, is handed over, each at its reader's own hour; None: nobody hands over what is due. `waiting_since` is since when the oldest delivery
    that is due has been; None: none is due."""

    per_second: float
    seconds_left: float | None
    waiting_since: datetime | None
    until: datetime | None = None  # when the last is due, where not all are yet: each reader has their own hour


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStand:
    edition: store.StoredEdition
    tally: Tally
    nothing_new: int = 0  # so many readers get no mail, for it holds nothing that they want
    held: tuple[HeldDomain, ...] = ()
    progress: Progress | None = None  # None: it is not being sent

    def as_json(self) -> dict[str, object]:
        domains = [{"domain": one.domain, "code": one.code, "text": one.text, "at": one.at} for one in self.held]
        counts = {**asdict(self.tally), "total": self.tally.total, "nothing_new": self.nothing_new}
        progress = asdict(self.progress) if self.progress else None
        return {**asdict(self.edition), "deliveries": counts, "held_domains": domains, "progress": progress}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The workers that show signs of life, and the relays and domains that are given less, or nothing."""

    workers: tuple[WorkerStand, ...]
    relays: tuple[ShutRelay, ...]
    domains: tuple[SlowedDomain, ...]

    @property
    def per_second(self) -> float:
        return sum(one.per_second for one in self.workers)

    def as_json(self) -> dict[str, object]:
        return {
            "workers": [_worker_as_json(one) for one in self.workers],
            "shut_relays": [asdict(one) for one in self.relays],
            "slowed_domains": [asdict(one) for one in self.domains],
        }


def _worker_as_json(stand: WorkerStand) -> dict[str, object]:
    worker = stand.worker
    return {
        "command": worker.kind,
        "host": worker.host,
        "pid": worker.pid,
        "since": stand.started_at,
        "per_second": stand.per_second,
        "handed_over": stand.handed_over,
        "leads": stand.leads,
    }


def crew(connection: Connection, now: datetime) -> Crew:
    return Crew(workers=living(connection, now), relays=shut_relays(connection, now), domains=slowed(connection, now))


def edition_stands(connection: Connection, editions: Sequence[store.StoredEdition], per_second: float, now: datetime) -> tuple[EditionStand, ...]:
    """How each of these, newest first, stands while workers hand over so many mails a second; they take the oldest edition first."""
    stands = []
    waiting = 0
    for edition in reversed(editions):
        counts = tally(connection, edition.id)
        progress = None
        if edition.state is EditionState.SENDING:
            waiting += counts.queued
            first, last = next_due(connection, edition.id), last_hour(connection, edition.id)
            progress = _progress(first, last, waiting, per_second, now)
        held, bare = held_domains(connection, edition.id), nothing_new(connection, edition.id)
        stands.append(EditionStand(edition=edition, tally=counts, nothing_new=bare, held=held, progress=progress))
    return tuple(reversed(stands))


def _progress(first: datetime | None, last: datetime | None, waiting: int, per_second: float, now: datetime) -> Progress:
    """`first`: when the next delivery is due, `last`: when the last that was not tried yet."""
    due = first is not None and first <= now
    seconds_left = None
    # Where nothing is due nobody can be seen to hand over.
    if per_second or (last and not due):
        at_pace = waiting / per_second if per_second else 0.0
        seconds_left = max(at_pace, (last - now).total_seconds()) if last else at_pace
    until = last if last and last > now else None
    return Progress(per_second=per_second, seconds_left=seconds_left, waiting_since=first if due else None, until=until)
