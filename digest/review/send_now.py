"""An edition goes out at once, because an editor says so."""

from datetime import datetime

from sqlalchemy import Engine

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.editions import store
from digest.editions.standing import STANDING, move
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.publish import Dispatch, Published, Recheck, nobody, publish
from digest.review.steps import fixed, take_seen
from digest.settings import Settings
from digest.wiring import require_sendable


def send_now(
    engine: Engine,
    settings: Settings,
    newsletter: Newsletter,
    slot: datetime,
    *,
    who: str,
    now: datetime,
    recheck: Recheck,
    dispatch: Dispatch = nobody,
    seen: int | None = None,
) -> Published:
    """Approves the slot's edition and publishes it: it is dated now, and due at once for everybody who is awake. `seen` as in `steps.approve`.

    Killed in between, it stands approved for this very moment, and whoever next looks what is due publishes it.
    """
    moment = now.replace(microsecond=0)
    require_sendable(settings, newsletter.slug)
    edition_id = fixed(engine, settings, newsletter, slot, "sent now", *STANDING, now=now)
    with engine.begin() as connection:
        edition = take_seen(connection, edition_id, "sent now", *STANDING, who=who, seen=seen)
        store.change_state(connection, edition.id, was=edition.state, becomes=EditionState.APPROVED, now=now)
        move(connection, edition.id, moment)
        log.write(connection, at=now, who=who, what=Deed.SEND, newsletter=newsletter.slug, edition_id=edition.id)
    return publish(engine, settings, newsletter, slot, now=now, recheck=recheck, dispatch=dispatch)
