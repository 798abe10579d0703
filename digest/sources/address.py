"""Web addresses: made absolute, compared, and as they may be shown to a person or written to a log. Pure."""

from urllib.parse import urljoin, urlsplit

LONGEST = 2_000  # what browsers and mail programs still follow

DEFAULT_PORTS = {"http": 80, "https": 443}


def shown(url: str) -> str:
    """The address without user, password, query and fragment: any of them may hold a secret."""
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    if parts.scheme not in DEFAULT_PORTS or not host:
        return f"{parts.scheme}:…"  # without “//”, a user and a password are part of the path
    return f"{parts.scheme}://{host}{port}{parts.path}" + ("?…" if parts.query else "")


def web_address(base: str, link: object) -> str:
    """`link`, relative to `base`, as an absolute http or https address; empty when it is none, or holds a control character."""
    try:
        url = urljoin(base, link.strip().replace(" ", "%20")) if isinstance(link, str) and link.strip() else ""
        parts = urlsplit(url)
        sound = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and len(url) <= LONGEST
    except ValueError:
        return ""
    return url if sound and url.isprintable() else ""


def same_origin(one: str, other: str) -> bool:
    try:
        return _origin(one) == _origin(other)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)
