"""Who holds a dated link: the person it was signed for, and whether it is too old by now."""

from dataclasses import dataclass
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest.web.reception import Reception, reception_of
from subscribers.errors import BadToken, ExpiredToken
from subscribers.tokens import Purpose, read, read_dated, sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    subscriber: str  # the public id
    late: bool  # the link opens nothing any more, but says to whom a new one may be written


def holder_of(request: Request, purpose: Purpose, lifetime: timedelta) -> Holder:
    """404 for whatever we did not sign to this end."""
    reception, token = reception_of(request), request.path_params["token"]
    try:
        return Holder(subscriber=read_dated(purpose, token, reception.keys, now=reception.clock(), lifetime=lifetime).said, late=False)
    except ExpiredToken:
        return Holder(subscriber=read(purpose, token, reception.keys).partition("~")[0], late=True)
    except BadToken as error:
        raise HTTPException(404) from error


def preferences_path(reception: Reception, subscriber: str) -> str:
    """The person's own page, as a path from the host."""
    return f"{reception.root}/preferences/{sign(Purpose.PREFERENCES, subscriber, reception.keys)}"
