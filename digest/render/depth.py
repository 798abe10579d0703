"""How deep the elements of a finished page stand in each other."""

import re

MOST = 100  # a mail has some thirty; whoever reads a page element by element takes as long as it is deep
_COMMENT = re.compile(r"(?s)<!--.*?-->")  # Outlook's tables are in some
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


def depth(page: str) -> int:
    """Of a page in which every element is ended, as inliners write it."""
    open_, most = 0, 0
    for end, name in _TAG.findall(_COMMENT.sub("", page)):
        if name.lower() not in _VOID:
            open_ += -1 if end else 1
            most = max(most, open_)
    return most
