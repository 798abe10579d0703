"""Once more before the hand-over: what was removed at its source after the edition was fixed leaves the messages not yet sent."""

from datetime import datetime

from sqlalchemy import Engine

from digest.editions import store
from digest.editions.ledger import fallen
from digest.newsletter import Newsletter
from digest.settings import Settings


def refresh(engine: Engine, settings: Settings, newsletter: Newsletter, edition: store.StoredEdition, *, now: datetime) -> bool:
    """Takes fallen items out of a sending edition, reserves stepping in. True when its bytes changed; two at once do it once.

    An edition of which nothing is left to show is cancelled, with the reason.
    """
    with engine.begin() as connection:
        articles, comments = fallen(connection, edition.id)
    if not articles and not comments:
        return False
    # All that draws a mail takes 30 MB and half a second to load: a worker asks before every batch, and hardly ever has to draw.
    from digest.recompose import recompose  # noqa: PLC0415

    return recompose(engine, settings, newsletter, edition, articles=articles, comments=comments, now=now)
