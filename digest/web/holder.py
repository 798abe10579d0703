"""Who holds a link: whom it was signed for, and of a dated one, whether it is too old by now."""

from dataclasses import dataclass
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest.web.reception import Reception, reception_of
from subscribers.errors import BadToken, ExpiredToken
from subscribers.former import today
from subscribers.tokens import Purpose, read, read_dated, sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    subscriber: str  # the public id
    late: bool  # the link opens nothing any more, but says to whom a new one may be written


def holder_of(request: Request, purpose: Purpose, lifetime: timedelta) -> Holder:
    """404 for whatever we did not sign to this end."""
    reception, token = reception_of(request), request.path_params["token"]
    try:
        said, late = read_dated(purpose, token, reception.keys, now=reception.clock(), lifetime=lifetime).said, False
    except ExpiredToken:
        said, late = read(purpose, token, reception.keys).partition("~")[0], True
    except BadToken as error:
        raise HTTPException(404) from error
    return Holder(subscriber=successor(reception, said), late=late)


def said_by(request: Request, purpose: Purpose) -> str:
    """Whom an undated link leads to today; 404 for whatever we did not sign to this end."""
    return successor(reception_of(request), said_in_link(request, purpose))


def said_in_link(request: Request, purpose: Purpose) -> str:
    """The public id in an undated link, to be asked for by `today`; 404 as there."""
    try:
        return read(purpose, request.path_params["token"], reception_of(request).keys)
    except BadToken as error:
        raise HTTPException(404) from error


def successor(reception: Reception, public_id: str) -> str:
    """Whom a link leads to today: two addresses may have turned out to be one person's since it was made."""
    with reception.reads.begin() as connection:
        return today(connection, public_id)


def moved_on(reception: Reception, public_id: str) -> bool:
    """Whether what a link led to has become another's since it was looked up: what was asked of it is to be done again."""
    return successor(reception, public_id) != public_id


def preferences_path(reception: Reception, subscriber: str) -> str:
    """The person's own page, as a path from the host."""
    return f"{reception.root}/preferences/{sign(Purpose.PREFERENCES, subscriber, reception.keys)}"
