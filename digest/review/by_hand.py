"""Sending by hand what editors look at first: said before it is done, and done only by whoever means it."""

from datetime import datetime

from sqlalchemy import Connection

from digest.editions import store
from digest.editions.standing import STANDING, standing
from digest.errors import WrongState
from digest.newsletter import Newsletter
from digest.review.calendar import let_go
from digest.told import told


def objection(connection: Connection, newsletter: Newsletter, slot: datetime) -> str:
    """Why the slot's edition should not be sent by hand just so; empty where nothing is against it."""
    found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
    if found and found.state not in STANDING:
        return ""
    if found and not let_go(newsletter, found):
        return f"{_name(newsletter, slot)} is {found.state}, and nobody has let it go: `digest edition approve {newsletter.slug}` does."
    if found:
        return ""
    others = [one for one in standing(connection, newsletter.slug, newsletter.cadence) if one.chosen_at]
    if others:
        return (
            f"The edition of {told(others[0].slot, newsletter.time_zone)} stands, and what goes out now falls out of it: "
            f"`digest edition send-now {newsletter.slug}` sends that one."
        )
    if newsletter.reviewed and newsletter.slot_at(slot) == slot:
        return f"{_name(newsletter, slot)} has not been seen by its editors: `digest edition approve {newsletter.slug}` makes and approves a draft."
    return ""


def require_no_objection(connection: Connection, newsletter: Newsletter, slot: datetime) -> None:
    if words := objection(connection, newsletter, slot):
        raise WrongState(f"{words} With --yes it is sent nevertheless.")


def _name(newsletter: Newsletter, slot: datetime) -> str:
    return f"The edition of {told(slot, newsletter.time_zone)}"
