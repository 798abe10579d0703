"""Jinja, set up: sandboxed, strict about undefined names, escaping HTML and nothing else. Its errors name the file and the line."""

import re
import traceback
from collections.abc import Generator, Mapping
from datetime import datetime, time
from functools import lru_cache, partial
from pathlib import Path
from typing import cast

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, select_autoescape

from digest.errors import DigestError, TemplateError
from digest.render import language as words
from digest.render import markdown
from digest.render.folders import templates_folder
from digest.render.guard import Guarded
from digest.render.pictures import fit
from digest.render.text import paragraphs, quoted, straight, wrap
from digest.render.translation import translations

__all__ = ["Environment", "environment", "environment_over", "render", "templates_folder"]

_OBJECT = re.compile(r"'(?:\w+\.)*(\w+) object'")  # how Jinja names a value: “'digest.editions.values.Story object' has no attribute …”


@lru_cache(maxsize=32)
def environment(folders: tuple[Path, ...], language: str, zone: str) -> Environment:
    """An environment over these folders, the first one that has a file wins; words, dates and numbers are written for `language` and `zone`."""
    return environment_over(FileSystemLoader(folders), language, zone)


def environment_over(loader: BaseLoader, language: str, zone: str) -> Environment:
    """The same over templates from anywhere."""
    made = Guarded(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=False),
        trim_blocks=True,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["_"] = made.globals["gettext"]  # of its own the short name looks for the long one in every page's values, for every text
    made.filters |= {
        "day": partial(_day, language, zone),
        "clock": lambda moment: words.clock(moment, language, zone),
        "hour": lambda hour: words.wall_clock(time(hour), language),
        "listed": lambda parts: words.listed(parts, language),
        "number": lambda value: words.number(value, language),
        "fit": fit,
        "markdown": markdown.html,
        "markdown_text": markdown.text,
        "paragraphs": paragraphs,
        "quoted": quoted,
        "straight": partial(straight, direction=words.direction(language)),
        "wrap": wrap,
    }
    return made


def render(made: Environment, name: str, values: Mapping[str, object], most: int | None = None) -> str:
    """The template `name` with these values. Whatever is wrong with it is a `TemplateError` that says where; so is a page of more than `most`
    characters."""
    try:
        template = made.get_template(name)
        # Jinja's type says less than it gives.
        return template.render(values) if most is None else _page(cast("Generator[str]", template.generate(values)), most)
    except DigestError:
        raise
    except TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename or error.name}, line {error.lineno}: {error.message}") from error
    except TemplateNotFound as error:
        raise TemplateError(f"{_where(error, name)}: There is no template {error}.") from error
    except RecursionError as error:
        raise TemplateError(f"{_where(error, name)}: the template includes itself without an end, or is nested too deeply.") from error
    except Exception as error:  # a template can raise whatever its values can
        raise TemplateError(f"{_where(error, name)}: {_reason(error)}") from error


def _page(pieces: "Generator[str]", most: int) -> str:
    taken, size = [], 0
    for piece in pieces:
        taken.append(piece)
        size += len(piece)
        if size > most:
            pieces.throw(ValueError(f"the page has more than {most:,} characters by now: does a loop not end?"))
    return "".join(taken)


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "this takes more memory than there is for a page."
    return _OBJECT.sub(r"a \1", str(error)) or type(error).__name__


def _day(language: str, zone: str, moment: datetime, length: words.Length = "full") -> str:
    return words.day(moment, language, zone, length)


def _where(error: Exception, name: str) -> str:
    """The innermost template line of a traceback: Jinja puts its templates' own names and lines there."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.endswith(".py") and not frame.filename.startswith("<"):
            return f"{frame.filename}, line {frame.lineno}"
    return name
