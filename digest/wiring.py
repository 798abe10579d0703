"""Small functions that open what a use case needs, each from the settings."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from digest.database import open_database, require_current
from digest.delivery.folder import FolderTransport
from digest.delivery.smtp import SmtpTransport
from digest.delivery.transport import Transport
from digest.errors import SendingRefused, SettingsError
from digest.settings import Settings


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
    return open_database(database_url(settings))


def open_store(settings: Settings) -> Engine:
    """The database at this version's tables, or a `DatabaseError` that says what to do."""
    engine = open_database_of(settings)
    require_current(engine)
    return engine


def signing_keys(settings: Settings) -> list[str]:
    keys = settings.keys()
    if not keys:
        raise SettingsError(
            f"There is no signing key for the links in the mails: run `digest init` to make {settings.pages.keys_file}, "
            "or set DIGEST_PAGES__KEYS in the environment."
        )
    return keys


def transports(settings: Settings) -> Callable[[], Transport]:
    """A maker of transports, one for each connection."""
    delivery = settings.delivery
    if delivery.transport == "folder":
        folder = settings.path(delivery.folder)
        return lambda: FolderTransport(folder)
    return lambda: _smtp(settings)


def _smtp(settings: Settings) -> SmtpTransport:
    smtp = settings.delivery.smtp
    ca_file = str(settings.path(smtp.ca_file)) if smtp.ca_file else ""
    return SmtpTransport(smtp, password=settings.secret(smtp.password, smtp.password_file), ca_file=ca_file)


def check_smtp(settings: Settings) -> str:
    """Connects to the relay as a send would, and says in a line what was found; `TransportDown` says what is wrong."""
    with _smtp(settings) as transport:
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
    letter = settings.newsletter(slug)
    found = []
    if not settings.publication.postal_address.strip():
        found.append("[publication] postal_address is empty: every mail must name a valid postal address (CAN-SPAM, and it builds trust).")
    if not settings.pages.url.startswith("https://"):
        found.append("[pages] url must be an https:// address: the link to leave (RFC 8058) begins with it.")
    if "@" not in letter.from_address:
        found.append(f"[newsletters.{slug}] from_address is no e-mail address.")
    return found
