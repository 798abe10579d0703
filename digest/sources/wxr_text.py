"""The raw text of an export file as HTML: WordPress makes paragraphs only when it shows a page. Pure."""

import re
from collections import deque

_BLOCK = (
    "address|article|aside|blockquote|dd|div|dl|dt|fieldset|figure|figcaption|footer|form|h[1-6]|header|hr|iframe|li|main|nav|ol|p|pre|section"
    "|style|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
_BEGINS_BLOCK = re.compile(rf"</?(?:{_BLOCK})\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_COMMENT_END = re.compile("-->")
# As in WordPress, a script is part of its paragraph: the line ends within one do no harm, for it is thrown away whole.
_VERBATIM = re.compile(r"(<(?:pre|style)\b.*?</(?:pre|style)\s*>)", re.DOTALL | re.IGNORECASE)
_VERBATIM_END = re.compile(r"</(?:pre|style)\s*>", re.IGNORECASE)
_CAPTION = re.compile(r"\[(?:wp_)?caption\b[^\[\]]*\](.*?)\[/(?:wp_)?caption\]", re.DOTALL)
_CAPTION_END = re.compile(r"\[/(?:wp_)?caption\]")
_PICTURE = re.compile(r"\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*)", re.DOTALL)


def as_html(raw: str) -> str:
    """Blank lines part paragraphs and line ends become `<br>`, except where the text has its own blocks; comments of the editor go."""
    if "<!-- wp:" in raw:
        return _captioned(_without_comments(raw, ""))
    text = _captioned(_without_comments(raw.replace("\r\n", "\n").replace("\r", "\n"), "\n\n"))
    ended, rest = _parted(text, _VERBATIM_END)
    parts = _VERBATIM.split(ended)
    parts[-1] += rest
    return "\n".join(part if place % 2 else _paragraphs(part) for place, part in enumerate(parts))


def _parted(text: str, end: re.Pattern[str]) -> tuple[str, str]:
    """The text up to the last such end, and the rest. In the rest nothing ends: each beginning there would be followed to the very end."""
    last = deque(end.finditer(text), maxlen=1)
    place = last[0].end() if last else 0
    return text[:place], text[place:]


def _without_comments(text: str, instead: str) -> str:
    ended, rest = _parted(text, _COMMENT_END)
    return _COMMENT.sub(instead, ended) + rest


def _paragraphs(text: str) -> str:
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return "\n".join(_paragraph(part) for part in parts if part)


def _paragraph(text: str) -> str:
    return text if _BEGINS_BLOCK.match(text) else f"<p>{text.replace(chr(10), '<br>' + chr(10))}</p>"


def _captioned(text: str) -> str:
    ended, rest = _parted(text, _CAPTION_END)
    return _CAPTION.sub(lambda found: _figure(found[1]), ended) + rest


def _figure(content: str) -> str:
    picture = _PICTURE.fullmatch(content)
    if not picture:
        return ""
    return f"\n\n<figure>{picture[1]}<figcaption>{picture[2].strip()}</figcaption></figure>\n\n"
