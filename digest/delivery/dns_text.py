"""Asks DNS for TXT records."""

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from digest.errors import DigestError

PATIENCE_SECONDS = 10.0


def texts(name: str, *, server: str = "", port: int = 53) -> list[str]:
    """The TXT records at `name`, each with its strings joined; none when there is no such name. `server` is asked instead of the system's own.

    No answer, or one that says the server has failed, is a `DigestError`.
    """
    try:
        resolver = Resolver(configure=not server)
        if server:
            resolver.nameservers, resolver.port = [server], port
        answer = resolver.resolve(name, "TXT", lifetime=PATIENCE_SECONDS)
    except (NXDOMAIN, NoAnswer):
        return []
    except (DNSException, ValueError) as error:
        raise DigestError(f"DNS gave no answer for {name}: {error}") from error
    return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]
