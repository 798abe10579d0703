"""In which language a page speaks: the reader's own, or the browser's, or the publication's."""

from starlette.requests import Request


def language_of(request: Request, default: str, known: str = "") -> str:
    """`known` is what the reader chose, where that is known."""
    return known or default
