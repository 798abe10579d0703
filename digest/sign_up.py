"""What becomes of wishes to subscribe: pending subscriptions and one letter that asks for the second yes. One transaction for each wish."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from digest import letter_guard
from digest.delivery.letters import Letter
from digest.errors import DatabaseError
from digest.letter_guard import Wanted
from digest.limits import forget
from digest.newsletter import Newsletter
from digest.settings import Settings
from digest.welcome import welcome
from subscribers.change import FORM, Choice, Proof, hold
from subscribers.consent import Added, Answer, Person, subscribe
from subscribers.errors import Suppressed
from subscribers.signup import Waiting, Wish
from subscribers.signup import take_up as take_up_one
from subscribers.tables import Subscriber, Subscription, SubscriptionState

BATCH = 50  # wishes at a time: whoever asks has other things to do as well

log = logging.getLogger(__name__)


def take_up(engine: Engine, settings: Settings, *, keys: Sequence[str], now: datetime) -> int:
    """Takes up the wishes that wait, `BATCH` at most. How many.

    A wish goes with the transaction that makes its subscriptions and queues its letter: whoever is killed on the way leaves it to the next. One that
    cannot be fulfilled is dropped, and the rest go on; while the database is away (`DatabaseError`) none is. When all are taken up, limits that say
    nothing any more are forgotten.
    """
    for number in range(BATCH):
        with engine.begin() as connection:
            waiting = take_up_one(connection)
            if waiting is None:
                forget(connection, now)
                return number
            try:
                with connection.begin_nested():
                    _fulfil(connection, waiting, settings, keys, now)
            except DatabaseError:
                raise
            except Exception as error:  # its text may hold an address
                log.error("A sign-up could not be taken up and was dropped (%s).", type(error).__name__)  # noqa: TRY400 - a traceback may, too
    return BATCH


def ask_for_data(connection: Connection, settings: Settings, subscriber: str, *, now: datetime, key: str) -> bool:
    """Queues the letter with the way to all that is kept of the person with this public id. Whether one is on its way."""
    subscriber_id = hold(connection, subscriber=subscriber)
    # A letter is a newsletter's: that of one they get, if there is one.
    liveliest = (Subscription.state != SubscriptionState.CONFIRMED, Subscription.id)
    theirs = select(Subscription.id).where(Subscription.subscriber_id == subscriber_id).order_by(*liveliest).limit(1)
    subscription_id = connection.scalar(theirs) if subscriber_id is not None else None
    if subscription_id is None:
        return False
    wanted = Wanted(subscription_id=subscription_id, letter=Letter.DATA, asked_at=now)
    return letter_guard.queue(connection, settings.pages.limits, wanted, now=now, key=key)


def _fulfil(connection: Connection, waiting: Waiting, settings: Settings, keys: Sequence[str], now: datetime) -> None:
    if waiting.wish is None:
        log.warning("A sign-up whose address cannot be read was dropped.")
        return
    offered = _offered(settings, waiting.wish)
    try:
        answers = {newsletter.slug: _subscribe(connection, newsletter, waiting.wish, keys=keys, now=waiting.at) for newsletter in offered}
    except Suppressed:
        return  # and the page has said the same as to everybody
    if answers:
        _queue_letter(connection, settings, answers, asked_at=waiting.at, now=now, key=keys[-1])


def _offered(settings: Settings, wish: Wish) -> list[Newsletter]:
    found = [settings.newsletters[slug] for slug in sorted(wish.newsletters) if slug in settings.newsletters]
    offered = [newsletter for newsletter in found if newsletter.sign_up.open]
    if len(offered) < len(wish.newsletters):
        log.warning("A sign-up named %d newsletters that are not offered (any more): they were left out.", len(wish.newsletters) - len(offered))
    return offered


def _subscribe(connection: Connection, newsletter: Newsletter, wish: Wish, *, keys: Sequence[str], now: datetime) -> Added:
    offer = newsletter.sign_up
    return subscribe(
        connection,
        Person(address=wish.address, name=wish.name, language=wish.language, time_zone=wish.time_zone),
        newsletter=newsletter.slug,
        proof=Proof(how=FORM, origin=wish.origin, wording=wish.wording),
        keys=keys,
        now=now,
        choice=Choice(
            cadence=wish.cadence if wish.cadence in newsletter.offered_cadences else "",
            sections=wish.sections & frozenset(offer.sections),
        ),
        at_once=not offer.double_opt_in,
    )


def _queue_letter(connection: Connection, settings: Settings, answers: dict[str, Added], *, asked_at: datetime, now: datetime, key: str) -> None:
    which = Subscription.public_id.in_([added.subscription for added in answers.values()])
    query = select(Subscription.newsletter, Subscription.id, Subscriber.public_id).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    theirs = {row.newsletter: row for row in connection.execute(query.where(which))}
    pending = [slug for slug, added in answers.items() if added.state is SubscriptionState.PENDING]
    fresh = [slug for slug, added in answers.items() if added.answer is Answer.NEW and slug not in pending]
    if fresh:
        welcome(connection, settings, theirs[fresh[0]].public_id, fresh, now=now)
    if pending or not fresh:
        wanted = Wanted(
            subscription_id=theirs[(pending or list(answers))[0]].id,
            letter=Letter.CONFIRM if pending else Letter.ALREADY,
            asked_at=asked_at,
            news=any(answers[slug].answer is not Answer.ALREADY for slug in pending),
        )
        letter_guard.queue(connection, settings.pages.limits, wanted, now=now, key=key)
