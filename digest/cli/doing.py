"""What was done because it was due, in words; and telling editors of what stands."""

from datetime import datetime

from sqlalchemy import Engine

from digest.due import Done
from digest.editions.values import EditionState
from digest.publish import Published
from digest.review.drafting import Drafted
from digest.review.fate import fate
from digest.review.remind import remind
from digest.settings import Settings
from digest.wiring import routes, signing_keys


def said(done: Done, settings: Settings, now: datetime) -> str:
    """published, 60 mails queued …"""
    edition = done.edition
    if edition.state is EditionState.SKIPPED:
        return f"no edition. {edition.reason}"
    if isinstance(done, Published):
        return f"{edition.state} {edition.reason}".strip() if done.queued is None else f"published, {done.queued:,} mails queued"
    if isinstance(done, Drafted):
        return f"a draft is made: {fate(settings, edition, now).words(settings.newsletter(edition.newsletter).time_zone)}"
    return f"cancelled: {edition.reason}"


def tell_editors(engine: Engine, settings: Settings, now: datetime) -> int:
    """Of what stands, where anybody is to be told; to how many."""
    if not any(letter.editors for letter in settings.newsletters.values()):
        return 0
    return remind(engine, settings, routes(settings), keys=signing_keys(settings), now=now)
