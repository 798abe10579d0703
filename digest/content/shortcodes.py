"""WordPress's square-bracket codes, taken out of text that is to be read by people."""

import re

# Codes of WordPress itself that come without attributes or an end; anything else must look like a code to be taken for one: “[sic]” stays.
BARE = {"audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption"}
# These hold what is no running text: an address, or the words under a picture.
WITH_CONTENT = ("audio", "caption", "embed", "playlist", "video", "wp_caption", "quote")

_CONTENT = re.compile(rf"\[({'|'.join(WITH_CONTENT)})\b[^\[\]]*\].*?\[/\1\]", re.DOTALL | re.IGNORECASE)
_CODE = re.compile(r"\[(/?)([a-z][a-z0-9_-]*)((?:\s[^\[\]]*)?)\]", re.IGNORECASE)


def without_shortcodes(text: str) -> str:
    """Codes of pictures, players and quotations go with what they hold; of any other code only the brackets go."""
    text = _CONTENT.sub("", text)
    ended = {name.lower() for closing, name, _ in _CODE.findall(text) if closing}

    def replacement(found: re.Match[str]) -> str:
        closing, name, attributes = found.groups()
        is_code = bool(closing) or "=" in attributes or "_" in name or name.lower() in BARE | ended
        return "" if is_code else found[0]

    return _CODE.sub(replacement, text)
