"""Whether a request that changes something was made by a page of our own. Pure."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

PORTS = {"http": 80, "https": 443}


def is_same_origin(headers: Headers, own: str) -> bool:
    """By `Sec-Fetch-Site`, which all browsers send since 2023 and no script can set, and by `Origin`, which older ones send with every POST. One that
    is sent must say that the page is ours; without both the answer is no. “null” says nothing: a page that tells no referrer sends it, too."""
    sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    if len(sites) > 1 or len(origins) > 1:
        return False
    origin = origins[0] if origins else "null"
    if sites and sites[0] != "same-origin":  # same-site is another port, or a neighbour of the domain
        return False
    return bool(sites) if origin == "null" else origin == own


def origin_of(url: str) -> str:
    """The origin of a web address, as browsers write it."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
