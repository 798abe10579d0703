"""What a newly confirmed reader gets at once: a letter that welcomes them, and where the newsletter says so its latest edition."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select

from digest.delivery import queue
from digest.delivery.letters import Letter, enqueue
from digest.editions import store
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.settings import Settings
from subscribers.audience import mailable
from subscribers.tables import Subscriber, Subscription


def welcome(connection: Connection, settings: Settings, subscriber: str, newsletters: Collection[str], *, now: datetime) -> None:
    """To the person with this public id, who has just been confirmed for these newsletters: one letter for all of them, and of each that says
    `welcome = "edition"` the latest edition, as an ordinary delivery. Done again it repeats no edition, but the letter."""
    greeting = [row for row in _confirmed(connection, subscriber, newsletters) if _wish(settings, row.newsletter) != "none"]
    if greeting:
        enqueue(connection, greeting[0].id, Letter.WELCOME, at=now)
    for row in greeting:
        if _wish(settings, row.newsletter) == "edition":
            newsletter = settings.newsletters[row.newsletter]
            _send_latest(connection, newsletter.at(newsletter.cadence_of(row.cadence)), row.id, now)


def _wish(settings: Settings, slug: str) -> str:
    return settings.newsletters[slug].sign_up.welcome if slug in settings.newsletters else "none"


def _confirmed(connection: Connection, subscriber: str, newsletters: Collection[str]) -> list[Row[int, str, str]]:
    query = select(Subscription.id, Subscription.newsletter, Subscription.cadence).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    theirs = (Subscriber.public_id == subscriber, Subscription.newsletter.in_(newsletters), mailable())
    return list(connection.execute(query.where(*theirs).order_by(Subscription.id)).all())


def _send_latest(connection: Connection, newsletter: Newsletter, subscription_id: int, now: datetime) -> None:
    """The last edition of their cadence that went out, unless it is older than the slot before the last one: what is stale welcomes nobody."""
    oldest = newsletter.slot_at(newsletter.slot_at(now) - timedelta(seconds=1))
    out = (EditionState.SENDING, EditionState.SENT)
    edition = next(iter(store.latest(connection, newsletter=newsletter.slug, cadence=newsletter.cadence, states=out, limit=1)), None)
    if edition is None or edition.slot < oldest:
        return
    # Reopened first: in this order a worker takes an edition's row and then its deliveries', too.
    store.change_state(connection, edition.id, was=EditionState.SENT, becomes=EditionState.SENDING, now=now)
    queue.enqueue(connection, edition.id, select(Subscription.id).where(Subscription.id == subscription_id), now)
