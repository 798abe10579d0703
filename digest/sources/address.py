"""Web addresses as they may be shown to a person or written to a log. Pure."""

from urllib.parse import urlsplit


def shown(url: str) -> str:
    """The address without user, password, query and fragment: any of them may hold a secret."""
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{port}{parts.path}" + ("?…" if parts.query else "")
