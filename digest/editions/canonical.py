"""When two web addresses are the same page."""

from urllib.parse import parse_qsl, urlencode, urlsplit

# What campaigns and networks add to an address without changing its page.
_TRACKING = frozenset({"fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ref_src"})


def host(url: str) -> str:
    """The site of an address, in lower case and without `www.`; empty when there is none."""
    try:
        name = urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""
    return name.removeprefix("www.").rstrip(".")


def canonical(url: str) -> str:
    """One spelling for all addresses of a page: no scheme, no `www.`, no slash at the end, no fragment, no tracking parameters.

    Empty for what is no web address.
    """
    site = host(url)
    if not site:
        return ""
    parts = urlsplit(url.strip())
    kept = sorted((key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(key))
    return site + parts.path.rstrip("/") + (f"?{urlencode(kept)}" if kept else "")


def _is_tracking(key: str) -> bool:
    return key.casefold().startswith("utm_") or key.casefold() in _TRACKING
