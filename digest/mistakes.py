"""What is wrong in `digest.toml`, said to the person who wrote it: where, what, and what was probably meant. Pure."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

# What pydantic says of these is for programmers.
PLAIN = {
    "missing": "is missing",
    "model_type": "must be a table, [{where}]",
    "dict_type": "must be a table, [{where}]",
    "string_type": "must be a text in quotation marks",
    "tuple_type": 'must be a list, ["…", "…"]',
    "string_pattern_mismatch": "may hold small letters, digits and hyphens only",
}


def mistakes(error: ValidationError, settings: type[BaseModel]) -> Iterator[str]:
    """One line each. Never repeats a value that pydantic refused: it may be a password in the wrong place."""
    for problem in error.errors(include_input=False, include_url=False):
        where = ".".join(str(part) for part in problem["loc"] if part != "[key]")
        if problem["type"] == "extra_forbidden":
            yield f"{where}: no such key{_nearest(problem, settings)}"
        else:
            said = PLAIN.get(problem["type"], problem["msg"].removeprefix("Value error, "))
            plain = said.format(where=where) if problem["type"] in PLAIN else said
            yield f"{where}: {plain}" if where else plain


def nearest(word: str, known: Iterable[str]) -> str:
    """What is put behind a sentence that names a wrong word: the right one that is nearest, if any is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean “{near[0]}”?" if near else ""


def _nearest(problem: ErrorDetails, settings: type[BaseModel]) -> str:
    *parents, wrong = (str(part) for part in problem["loc"])
    model: type[BaseModel] | None = settings
    for part in parents:
        model = _below(model, part)
    known = [field.alias or name for name, field in model.model_fields.items()] if model else []
    return nearest(wrong, [name for name in known if name not in ("folder", "slug")])


def _below(model: type[BaseModel] | None, part: str) -> type[BaseModel] | None:
    """The model of the settings below `part`; a table of named entries answers for each name with its entries' model."""
    if model is None:
        return None
    if part not in model.model_fields:
        return model
    annotation = model.model_fields[part].annotation
    inner = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return inner[0] if inner else None
