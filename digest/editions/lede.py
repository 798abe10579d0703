"""The first words of an article as an edition shows them: its author's own summary, else its first paragraphs."""

import re

from digest.content.text import plain_text
from digest.content.values import Article

# A summary that a program cut off the body ends like this: the body itself says more.
_CUT_BY_A_PROGRAM = re.compile(r"(?:\[?(?:…|\.\.\.)\]?|\b(?:read more|continue reading)\b.{0,200})\s*\Z", re.IGNORECASE | re.DOTALL)


def lede(article: Article) -> str:
    """Plain text, uncut."""
    own = plain_text(article.excerpt).strip() if article.excerpt else ""
    text = article.text.strip()
    return text if text and (not own or _CUT_BY_A_PROGRAM.search(own)) else own
