"""What a newsletter does not say in its own words is said in its language; what it does say stays as it is."""

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Engine

from digest.personal import SAMPLE
from digest.preview import preview_message
from tests.test_deliver import KEYS, SLOT, fill, settings_for

SPONSOR = {"title": "Oilskins", "text": "They outlive their owners.", "url": "https://dunnage.example"}


def mail(engine: Engine, name: str = "", **newsletter: Any) -> str:
    """The text of the mail to a reader of that name."""
    settings = settings_for("sqlite://", **{"introduction": "A word.", "sponsor": SPONSOR, **newsletter})
    data = preview_message(engine, settings, settings.newsletter("weekly"), SLOT, SAMPLE._replace(name=name), keys=KEYS).envelope.data
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",))
    assert text is not None
    content: str = text.get_content()
    return content.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("language", "to_somebody", "to_anybody", "label"),
    [
        ("en", "Hello Ann,", "Hello,", "SPONSORED"),
        ("fi", "Hello Ann,", "Hello,", "SPONSORED"),
        ("de-AT", "Guten Tag Ann,", "Guten Tag,", "ANZEIGE"),
        ("fr", "Bonjour Ann,", "Bonjour,", "PUBLICITÉ"),
        ("es", "Hola, Ann:", "Hola:", "PUBLICIDAD"),
        ("ar", "مرحبًا Ann،", "مرحبًا،", "إعلان"),
    ],
)
def test_defaults_are_in_the_newsletters_language(engine: Engine, language: str, to_somebody: str, to_anybody: str, label: str) -> None:
    fill(engine)
    text = mail(engine, "Ann", language=language)
    assert f"\n{to_somebody}\n" in text
    assert f"\n{label}\n" in text
    assert f"\n{to_anybody}\n" in mail(engine, language=language)


def test_what_is_set_stays_as_it_is(engine: Engine) -> None:
    fill(engine)
    own: dict[str, Any] = {
        "language": "de",
        "greeting": "Hello {name},",
        "greeting_without_name": "Moin,",
        "sponsor": {**SPONSOR, "label": "Sponsored"},
    }
    assert "\nHello Ann,\n" in mail(engine, "Ann", **own)
    assert "\nMoin,\n" in mail(engine, **own)
    assert "\nSPONSORED\n" in mail(engine, **own)
