"""Small functions that open what a use case needs, each from the settings."""

from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, true

from digest.database import open_database, require_current
from digest.delivery.dkim import Signer
from digest.delivery.dkim_settings import keys_for
from digest.delivery.folder import FolderTransport
from digest.delivery.headers import is_mailbox
from digest.delivery.route import Route
from digest.delivery.smtp import SmtpTransport
from digest.errors import SendingRefused, SettingsError
from digest.newsletter import Newsletter
from digest.segments import declared, defaults
from digest.settings import Settings, Smtp
from subscribers.segment import condition

NO_KEY = "There is no signing key for the links in the mails: run `digest init` to make {file}, or set DIGEST_PAGES__KEYS in the environment."


def clock() -> datetime:
    """The only place outside a shell where the time of day is looked up; everything below takes it as an argument."""
    return datetime.now(UTC)


def database_url(settings: Settings) -> str:
    """The database's address; a relative SQLite file is meant from the settings' own folder."""
    url = settings.database.url
    scheme, mark, path = url.partition(":///")
    if scheme.startswith("sqlite") and path and not path.startswith("/"):
        return f"{scheme}{mark}{settings.path(path).resolve()}"
    return url


def open_database_of(settings: Settings) -> Engine:
    """The database, whatever its tables."""
    require_engine(settings)
    return open_database(database_url(settings))


def open_store(settings: Settings) -> Engine:
    """The database at this version's tables, or a `DatabaseError` that says what to do."""
    engine = open_database_of(settings)
    require_current(engine, jobs=settings.run.engine == "procrastinate")
    return engine


def require_engine(settings: Settings) -> None:
    """Refuses [run] engine = "procrastinate" where it cannot work."""
    if settings.run.engine == "embedded":
        return
    if not settings.database.url.startswith("postgresql"):
        raise SettingsError('[run] engine = "procrastinate" keeps its jobs in PostgreSQL: set [database] url to postgresql://USER@HOST/NAME.')
    if find_spec("procrastinate") is None:
        raise SettingsError("""[run] engine = "procrastinate" needs its extra: pip install 'newsletter-digest[cluster]'""")


def people_in(settings: Settings, name: str, now: datetime) -> ColumnElement[bool]:
    """The segment `name` as a condition on subscriptions and their subscribers; everybody where no name is given."""
    if not name:
        return true()
    settings.segment(name)
    asked = declared(name, settings.segments, ZoneInfo(settings.publication.time_zone))
    return condition(asked, defaults=defaults(settings.newsletters), now=now)


def signing_keys(settings: Settings) -> list[str]:
    keys = settings.keys()
    if not keys:
        raise SettingsError(NO_KEY.format(file=settings.pages.keys_file))
    return keys


def signer(settings: Settings, newsletter: Newsletter, headers: bytes) -> Signer | None:
    """What signs the mails that begin with `headers`; None where no DKIM key is declared, and signing is left to the relay."""
    keys = keys_for(settings, newsletter.from_address)
    return Signer(keys, headers) if keys else None


def routes(settings: Settings) -> tuple[Route, ...]:
    """The ways out for mails: the folder, or each relay."""
    delivery = settings.delivery
    if delivery.transport == "folder":
        folder = settings.path(delivery.folder)
        return (Route(name="folder", open=lambda: FolderTransport(folder), idempotent=True, connections=delivery.connections),)
    return tuple(
        Route(
            name=name,
            open=partial(_smtp, settings, smtp),
            connections=min(delivery.connections, smtp.connections or delivery.connections),
            at_most=smtp.connections,
            weight=smtp.weight,
            per_minute=smtp.per_minute,
            warm_up=smtp.warm_up,
        )
        for name, smtp in delivery.smtp_relays.items()
    )


def _smtp(settings: Settings, smtp: Smtp) -> SmtpTransport:
    ca_file = str(settings.path(smtp.ca_file)) if smtp.ca_file else ""
    return SmtpTransport(smtp, password=settings.secret(smtp.password, smtp.password_file), ca_file=ca_file)


def check_smtp(settings: Settings) -> str:
    """Connects to each relay as a send would, and says in a line what was found; `TransportDown` says what is wrong."""
    return "; ".join(_check_relay(settings, smtp) for smtp in settings.delivery.smtp_relays.values())


def _check_relay(settings: Settings, smtp: Smtp) -> str:
    with _smtp(settings, smtp) as transport:
        relay = transport.check()
    secured = relay.tls or "no encryption"
    login = "logged in" if relay.authenticated else "no login"
    return f"{relay.host}:{relay.port} answers, {secured}, {login}"


def require_sendable(settings: Settings, slug: str) -> None:
    """Refuses to send what the law or the big mailbox providers would not have; previewing is never refused."""
    wrong = list(_missing(settings, slug))
    if wrong:
        raise SendingRefused(f"“{slug}” is not sent:\n" + "\n".join(f"  {line}" for line in wrong))


def _missing(settings: Settings, slug: str) -> list[str]:
    return _missing_everywhere(settings) + (wrong_addresses(settings, slug) or wrong_signature(settings, slug))


def _missing_everywhere(settings: Settings) -> list[str]:
    found = []
    if not settings.publication.postal_address.strip():
        found.append("[publication] postal_address is empty: every mail must name a valid postal address (CAN-SPAM, and it builds trust).")
    if not settings.pages.url.startswith("https://"):
        found.append("[pages] url must be an https:// address: the link to leave (RFC 8058) begins with it.")
    if not settings.keys():
        found.append(NO_KEY.format(file=settings.pages.keys_file))
    return found


def wrong_addresses(settings: Settings, slug: str) -> list[str]:
    """Which of the addresses that a newsletter's mails carry cannot be one, in a sentence each."""
    letter, delivery = settings.newsletter(slug), settings.delivery
    optional = {
        f"[newsletters.{slug}] reply_to": letter.reply_to,
        "[delivery] bounce_address": delivery.bounce_address,
        "[delivery] unsubscribe_mailbox": delivery.unsubscribe_mailbox,
    }
    given = {f"[newsletters.{slug}] from_address": letter.from_address} | {key: address for key, address in optional.items() if address}
    wrong = (key for key, address in given.items() if not is_mailbox(address))
    return [f"{key} is no e-mail address: write it like news@example.org, without a name and without brackets." for key in wrong]


def require_letters(settings: Settings) -> None:
    """Refuses letters to one person (to confirm, to welcome …) that could not leave, or whose links would lead nowhere."""
    wrong = _missing_everywhere(settings) + wrong_senders(settings)
    if wrong:
        raise SendingRefused("letters to new readers are not sent:\n" + "\n".join(f"  {line}" for line in wrong))


def wrong_senders(settings: Settings) -> list[str]:
    """What is wrong with the addresses that letters carry, in a sentence each."""
    letters = settings.letters
    if not letters.from_address:
        return ["[letters] from_address is empty: letters need a sender of their own, like hello@example.org."]
    found = [
        f"[letters] {key} is no e-mail address: write it like hello@example.org, without a name and without brackets."
        for key, address in {"from_address": letters.from_address, "reply_to": letters.reply_to}.items()
        if address and not is_mailbox(address)
    ]
    if letters.from_address.lower() in {newsletter.from_address.lower() for newsletter in settings.newsletters.values()}:
        found.append("[letters] from_address is a newsletter's as well: Google's sender guidelines ask for another, like hello@example.org.")
    return found or _wrong_keys(settings, letters.from_address)


def wrong_signature(settings: Settings, slug: str) -> list[str]:
    """Why a newsletter's mails cannot be signed as [[delivery.dkim]] says."""
    return _wrong_keys(settings, settings.newsletter(slug).from_address)


def _wrong_keys(settings: Settings, sender: str) -> list[str]:
    try:
        keys_for(settings, sender)
    except SettingsError as error:
        return [str(error)]
    return []
