"""What single elements of an export file say. Pure, and never surprised: what is missing is empty."""

import re
import unicodedata
from datetime import datetime

from lxml.etree import _Element as Element

from digest.sources.categories import names_of
from digest.sources.dates import read_date

NEVER = "0000-00-00 00:00:00"  # how WordPress writes that there is no date


def said(element: Element, name: str) -> str:
    """The text of the first child of that local name, whatever its namespace's version."""
    child = element.find(f"{{*}}{name}")
    return (child.text or "").strip() if child is not None else ""


def moment(element: Element, name: str, now: datetime, *, otherwise: str = "") -> datetime | None:
    """A date of WordPress: GMT where it is told, else the site's local time, which is wrong by less than a day."""
    told = (text for part in (f"{name}_gmt", name) if (text := said(element, part)) and text != NEVER)
    return read_date(next(told, otherwise), now=now)


def terms(element: Element, domain: str) -> tuple[str, ...]:
    return names_of(term.text or "" for term in element.iterfind("category") if term.get("domain") == domain)


def encoded(element: Element, namespace: str) -> str:
    """`content:encoded` and `excerpt:encoded` have one name in two namespaces, whose addresses hold the word."""
    found = (child.text or "" for child in element.iterfind("{*}encoded") if f"/{namespace}/" in str(child.tag))
    return next(found, "")


def meta(element: Element, name: str) -> dict[str, str]:
    return {said(entry, "meta_key"): said(entry, "meta_value") for entry in element.iterfind(f"{{*}}{name}")}


def nicename(login: str) -> str:
    """How WordPress writes a login in addresses, and names it over REST."""
    plain = unicodedata.normalize("NFKD", login).encode("ascii", "ignore").decode().lower().replace(".", "-")
    return re.sub(r"-{2,}", "-", re.sub(r"\s+", "-", re.sub(r"[^a-z0-9 _-]", "", plain))).strip("-")
