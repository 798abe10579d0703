"""What every step of one choice goes by."""

from dataclasses import dataclass
from datetime import datetime

from digest.content.values import Snapshot
from digest.editions.candidates import Turn, turn
from digest.editions.comment_score import Yardstick
from digest.editions.demand import Demand
from digest.editions.gates import Gates
from digest.editions.scores import Scores
from digest.editions.talks import Talks, talks
from digest.editions.votes import scale
from digest.newsletter import Newsletter


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every step of one choice needs."""

    snapshot: Snapshot
    newsletter: Newsletter
    window_start: datetime
    cutoff: datetime
    site_host: str
    talks: Talks
    turn: Turn
    scores: Scores
    demand: Demand


def ground_of(snapshot: Snapshot, newsletter: Newsletter, *, window_start: datetime, cutoff: datetime, site_host: str, demand: Demand) -> Ground:
    gates = Gates(newsletter, cutoff)
    spoken = talks(snapshot, gates)
    yardstick = Yardstick(
        rules=newsletter.comments,
        language=newsletter.language,
        cutoff=cutoff,
        scale=scale(spoken.by_article.values(), cutoff, spoken.missed.values()),
        quoted_people=snapshot.quoted_people,
    )
    return Ground(
        snapshot=snapshot,
        newsletter=newsletter,
        window_start=window_start,
        cutoff=cutoff,
        site_host=site_host,
        talks=spoken,
        turn=turn(snapshot, spoken, gates, demand.missed),
        scores=Scores(spoken.all, yardstick),
        demand=demand,
    )
