"""The keys that `[[delivery.dkim]]` declares, and whose mails each may sign."""

import re

from digest.delivery.dkim import Key
from digest.errors import SettingsError
from digest.settings import Dkim, Settings
from subscribers.address import ascii_form
from subscribers.errors import BadAddress

# RFC 6376 3.1: a selector is made like a host's name. A domain has a dot: nobody signs for a whole “org”.
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
NO_KEY_FITS = (
    "[[delivery.dkim]] has no key for {sender}, the domain of the sender (from_address): a signature counts for DMARC when its domain is that one or "
    "one above it, and the keys are for {others}."
)


def keys_for(settings: Settings, from_address: str) -> tuple[Key, ...]:
    """The keys that sign this sender's mails: those of its own domain or of one above it. Empty when none is declared at all.

    A declared key that cannot be used, or keys of which none fits, is a `SettingsError`.
    """
    if not settings.delivery.dkim:
        return ()
    sender = domain_of(from_address)
    keys = tuple(load(settings, declared, sender) for declared in settings.delivery.dkim)
    fitting = tuple(key for key in keys if fits(key.domain, sender))
    if not fitting:
        raise SettingsError(NO_KEY_FITS.format(sender=sender, others=", ".join(sorted({key.domain for key in keys}))))
    return fitting


def every_key(settings: Settings) -> tuple[Key, ...]:
    """All declared keys; one without a domain once for every sender's domain."""
    senders = sorted({domain_of(letter.from_address) for letter in settings.newsletters.values()})
    return tuple(load(settings, one, sender) for one in settings.delivery.dkim for sender in ([""] if one.domain else senders))


def load(settings: Settings, declared: Dkim, sender: str) -> Key:
    """One declared key, for its own domain or else for `sender`. A `SettingsError` says what is wrong with it."""
    from digest.delivery.dkim_key import read_key  # noqa: PLC0415 - 7 MB and 30 ms that only those who sign need pay

    about = f"The DKIM key “{declared.selector}”"
    if not SELECTOR.fullmatch(declared.selector):
        raise SettingsError(f"{about} has no good selector: letters, digits and hyphens, with dots between its parts.")
    domain = _ascii(declared.domain) if declared.domain else sender
    if not DOMAIN.fullmatch(domain):
        raise SettingsError(f"{about}: “{domain}” is no domain.")
    return read_key(_pem(settings, declared, about), selector=declared.selector, domain=domain, about=about)


def fits(domain: str, sender: str) -> bool:
    """Whether a signature of `domain` counts for mails of `sender`, strictly or loosely."""
    return sender == domain or sender.endswith(f".{domain}")


def domain_of(address: str) -> str:
    """The domain of an address as DNS knows it."""
    return _ascii(address.rpartition("@")[2])


def _ascii(domain: str) -> str:
    try:
        return ascii_form(f"x@{domain}")[2:].lower()
    except BadAddress:
        return domain  # `load` says that it is none


def _pem(settings: Settings, declared: Dkim, about: str) -> str:
    given = declared.key.get_secret_value()
    if given:
        return given
    if not declared.key_file:
        raise SettingsError(f"{about} names neither key_file nor, in the environment, key: `digest dkim new` makes one.")
    try:
        return settings.path(declared.key_file).read_text(encoding="ascii")
    except OSError as error:
        raise SettingsError(f"{about}: its file {declared.key_file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{about}: its file {declared.key_file} holds no text: is it the right file?") from error
