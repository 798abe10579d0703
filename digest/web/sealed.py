"""What somebody asked for, signed and handed back to them: it waits in their page for one more press, so that nothing of it is kept or shown."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.web.asked import Asked, Choice
from subscribers.address import parse_address
from subscribers.errors import BadToken
from subscribers.tokens import Purpose, read_dated, sign_dated

LIFETIME = timedelta(hours=12)
FORM = 1  # counts up when what is sealed changes its form: what waits in somebody's page over an upgrade is too old then, not an error


def seal(asked: Asked, keys: Sequence[str], now: datetime) -> str:
    choices = [[choice.newsletter, choice.cadence, choice.sections] for choice in asked.choices]
    person = [asked.address.address, asked.name, asked.language, asked.time_zone, asked.origin, asked.wording]
    said = json.dumps([FORM, secrets.token_hex(4), choices, *person]).encode()
    return sign_dated(Purpose.WISH, urlsafe_b64encode(said).decode().rstrip("="), now, keys)


def unseal(token: str, keys: Sequence[str], now: datetime) -> tuple[Asked, timedelta] | None:
    """What was asked for, and how long ago; None for what is not ours, or too old."""
    try:
        dated = read_dated(Purpose.WISH, token, keys, now=now, lifetime=LIFETIME)
    except BadToken:
        return None
    form, *said = json.loads(urlsafe_b64decode(dated.said + "=" * (-len(dated.said) % 4)))
    if form != FORM:
        return None
    _, choices, address, name, language, time_zone, origin, wording = said
    asked = Asked(
        address=parse_address(address),
        choices=tuple(Choice(newsletter=slug, cadence=cadence, sections=tuple(sections)) for slug, cadence, sections in choices),
        name=name,
        language=language,
        time_zone=time_zone,
        origin=origin,
        wording=wording,
    )
    return asked, now - dated.at
