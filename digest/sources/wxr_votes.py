"""Where well-known plugins keep the votes on a comment, among its metadata. Pure."""

import re
from collections.abc import Mapping

# Two keys, likes and dislikes; or one, where a plugin counts likes only.
COUNTERS: tuple[tuple[str, str], ...] = (
    ("cld_like_count", "cld_dislike_count"),  # Comments Like Dislike
    ("votes_up", "votes_down"),  # what scripts that bring comments over mostly write
    ("_commentliked", ""),  # WP ULike
)
SERIALISED = "wpdiscuz_votes_seperate"  # wpDiscuz, spelt so: a:2:{s:4:"like";i:3;s:7:"dislike";i:1;}
NET = "wpdiscuz_votes"  # wpDiscuz, older: likes less dislikes
FEATURED = "featured"  # Featured Comments: 1

_LIKE = re.compile(r's:(?:4:"like"|7:"dislike");i:(\d{1,9});')


def votes_of(meta: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Likes and dislikes; None for what the file does not tell."""
    for up, down in COUNTERS:
        if up in meta or down in meta:
            return _count(meta.get(up, "0")), _count(meta.get(down, "0")) if down else None
    pair = _LIKE.findall(meta.get(SERIALISED, ""))
    if len(pair) == 2:
        return int(pair[0]), int(pair[1])
    net = re.fullmatch(r"-?\d{1,9}", meta.get(NET, ""))
    return (max(0, int(net[0])), max(0, -int(net[0]))) if net else (None, None)


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text) else None
