"""/: what goes out next, what it waits for, what went out and how it went."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.delivery import letters
from digest.desk.listed import listed
from digest.desk.outcome import OVER, UNDER_WAY, outcome_of, outcome_words
from digest.desk.page import page, root_of
from digest.desk.place import slot_path
from digest.desk.pulse import pulse
from digest.desk.sources import sources_of
from digest.desk.studio import Studio, studio_of
from digest.desk.upcoming import upcoming
from digest.editions import store
from digest.overview import A_WEEK
from digest.stand import crew, edition_stands
from subscribers.tables import Subscription, SubscriptionState

SHOWN = 5  # of what is over


def overview(request: Request) -> Response:
    studio, root = studio_of(request), root_of(request)
    felt, now = pulse(studio), studio.clock()
    with studio.reads.begin() as connection:
        at_work = crew(connection, now)
        under_way = edition_stands(connection, store.latest(connection, states=UNDER_WAY), at_work.per_second, now)
        over = store.latest(connection, states=OVER, limit=SHOWN)
        values = {
            "following": [(one, root + slot_path(one.newsletter, one.slot)) for one in upcoming(connection, studio.settings, now)],
            "under_way": [(stand, listed(request, stand.edition)) for stand in under_way],
            "over": [(outcome_words(outcome_of(studio, connection, edition)), listed(request, edition)) for edition in over],
            "readers": _readers(studio, connection, now),
            "sources": sources_of(studio, connection),
            "letters": letters.stand(connection, now, failed_since=now - A_WEEK),
            "crew": at_work,
        }
    return page(request, "overview.html", {**values, "events": f"{root}/events?seen={felt}"})


def _readers(studio: Studio, connection: Connection, now: datetime) -> Mapping[str, int]:
    """How many have confirmed each newsletter, as of this minute."""
    confirmed = select(Subscription.newsletter, func.count()).where(Subscription.state == SubscriptionState.CONFIRMED)
    counts = confirmed.group_by(Subscription.newsletter)
    key = ("readers", now.replace(second=0, microsecond=0))
    return studio.shelf.get(key, lambda: {row[0]: row[1] for row in connection.execute(counts)})


ROUTES = (Route("/", overview),)
