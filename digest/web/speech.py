"""In which language a page speaks: the reader's own, or what the browser asks for, or the publication's."""

from functools import lru_cache

from starlette.requests import Request

from digest.render.translation import SOURCE, languages, pick

MAXIMUM_TAGS = 20  # of a header that may hold any number


def language_of(request: Request, default: str, known: str = "") -> str:
    """The tag of a language there are texts in; `known` is what the reader chose, where that is known."""
    return _picked(known, request.headers.get("accept-language", ""), default)


@lru_cache(maxsize=256)  # browsers say much the same
def _picked(known: str, header: str, default: str) -> str:
    return pick([known, *accepted(header), default], languages(), SOURCE)


def accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, the dearest first (RFC 9110, 12.5.4). What cannot be understood is left out."""
    found = (_weighed(part) for part in header.split(",")[:MAXIMUM_TAGS])
    return [tag for weight, tag in sorted(found, key=lambda one: -one[0]) if tag and tag != "*" and weight > 0]


def _weighed(part: str) -> tuple[float, str]:
    tag, _, parameter = part.strip().partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        return (min(float(value), 1.0) if name.strip() == "q" else 1.0), tag.strip()
    except ValueError:
        return 0.0, ""
