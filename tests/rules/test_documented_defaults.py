"""docs/settings.md tells the defaults that the program has."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from digest.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
TABLE = re.compile(r"^##+ `\[+(?P<path>[\w.]+)\]+`", re.MULTILINE)
# Told in words, because they depend on others.
IN_WORDS = {"the title", "the publication's", "`from_address`", "the system's", "all", ""}


def model_of(path: str) -> type[BaseModel]:
    """The settings of a table: NAME and SLUG stand for names that are chosen freely."""
    model: type[BaseModel] = Settings
    for part in path.split("."):
        if part.islower():
            annotation = model.model_fields[part].annotation
            kinds = (annotation, *getattr(annotation, "__args__", ()))
            model = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
    return model


def rows() -> Iterator[tuple[str, str, str]]:
    """Table, key and default as they are written; a row may tell of several keys."""
    parts = TABLE.split(PAGE.read_text())
    for path, text in zip(parts[1::2], parts[2::2], strict=True):
        for keys, default in re.findall(r"^\| (`[^|]*`) \| ([^|]*)\|.*\|$", text, re.MULTILINE):
            names = re.findall(r"`(\w+)`", keys)
            defaults = default.strip().split(", ") if len(names) > 1 and ", " in default else [default.strip()] * len(names)
            yield from ((path, name, one) for name, one in zip(names, defaults, strict=True))


def written(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple | list):
        return ", ".join(str(one) for one in default) or "[]"
    return str(default)


@pytest.mark.parametrize(("path", "key", "told"), [pytest.param(*row, id=f"{row[0]}.{row[1]}") for row in rows() if row[2] not in IN_WORDS])
def test_the_default_that_is_told_is_the_one_that_counts(path: str, key: str, told: str) -> None:
    fields = {field.alias or name: field for name, field in model_of(path).model_fields.items()}
    assert written(fields[key]) == told
