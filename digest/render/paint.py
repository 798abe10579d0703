"""Both parts of a page from its templates, wherever that is done: in this process, or in one of its own."""

from collections.abc import Callable

from digest.editions.values import Edition
from digest.render.compiled import Hole
from digest.render.environment import Environment, render
from digest.render.look import Look
from digest.render.marks import Marks


def paint(made: Environment, edition: Edition, look: Look, key: str, most: int | None = None) -> tuple[str, str]:
    """HTML and text, with the marks of `key`. `most`: see `render`."""
    marks = Marks(key=key)
    html = render(made, "body.html", values(edition, look, marks, marks.html_begin, marks.html_end), most)
    text = render(made, "body.txt", values(edition, look, marks, marks.text_begin, marks.text_end), most)
    return _trim(html), _calm(text)


def values(edition: Edition, look: Look, marks: Marks, begin: Callable[[str], str], end: Callable[[str], str]) -> dict[str, object]:
    """All that a template gets; docs/themes.md tells of each."""
    holes = {hole.value: marks.hole(hole) for hole in Hole}
    return {"edition": edition, "look": look, "holes": holes, "begin": begin, "end": end}


def _trim(html: str) -> str:
    """Indentation is a fifth of a page's bytes, and mail programs cut pages by their bytes."""
    return "".join(line + "\n" for part in html.splitlines() if (line := part.strip()))


def _calm(text: str) -> str:
    """No spaces at line ends, one line end at the end."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n")) + "\n"
