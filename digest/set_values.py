"""Single values set in the text of a `digest.toml`, and nothing else of it touched: order, comments and spacing are its owner's. Pure."""

import tomllib
from collections.abc import Mapping, MutableMapping
from datetime import date
from io import StringIO
from itertools import takewhile
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from digest.errors import SettingsError

Value = str | int | float | bool | date
Path = tuple[str, ...]  # ("newsletters", "weekly", "articles", "freshness")


def set_values(text: str, values: Mapping[Path, Value]) -> str:
    """The text with these values. A key that is there keeps its place, its spacing and its comment; a new one comes after the last of its table, a
    new table after the last of its parent's. Raises `SettingsError` where that cannot be had without touching anything else."""
    windows = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    plain = text.replace("\r\n", "\n") if windows else text
    for path, value in values.items():
        plain = _set(plain, path, value)
    return plain.replace("\n", "\r\n") if windows else plain


def _set(text: str, path: Path, value: Value) -> str:
    try:
        wanted = _put(tomllib.loads(text), path, value)
        made = _with_tomlkit(text, path, value)
    except (tomllib.TOMLDecodeError, TOMLKitError, TypeError, KeyError, ValueError) as error:
        raise _by_hand(path, value) from error
    # tomlkit puts a new key behind the comments of the next table: the tidier place is tried first, and counts only where it means the same.
    for candidate in (_tidied(text, made), made):
        if _means(candidate, wanted) and _else_untouched(text, candidate):
            return candidate
    raise _by_hand(path, value)


def _with_tomlkit(text: str, path: Path, value: Value) -> str:
    document = tomlkit.parse(text)
    table: MutableMapping[str, Any] = document
    for name in path[:-1]:
        if name not in table:
            table[name] = tomlkit.table()
        table = table[name]
    table[path[-1]] = value
    return tomlkit.dumps(document)


def _put(tree: Mapping[str, Any], path: Path, value: Value) -> dict[str, Any]:
    head, *rest = path
    return {**tree, head: _put(tree.get(head, {}), tuple(rest), value) if rest else value}


def _means(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _lines(text: str) -> list[str]:
    """With their ends: TOML knows but one, where `splitlines` would see others in the middle of a comment."""
    return list(StringIO(text, newline="\n"))


def _changed(before: list[str], after: list[str]) -> tuple[int, int, int]:
    """How many lines at the beginning stay as they are, and how many then leave and come."""
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    most = min(len(before), len(after)) - head
    tail = (
        sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before[: -most - 1 : -1], after[: -most - 1 : -1], strict=True))) if most else 0
    )
    return head, len(before) - head - tail, len(after) - head - tail


def _else_untouched(before: str, after: str) -> bool:
    """Whether at most one line left: a key's own. (A value here is a number, or a text of one line.)"""
    return _changed(_lines(before), _lines(after))[1] <= 1


def _tidied(before: str, after: str) -> str:
    """Lines that came in, moved above the empty lines and comments they stand behind."""
    lines = _lines(after)
    head, left, came = _changed(_lines(before), lines)
    above = head
    while above and (not lines[above - 1].strip() or lines[above - 1].lstrip().startswith("#")):
        above -= 1
    if left or above in (0, head):
        return after
    block = [line if line.endswith("\n") else f"{line}\n" for line in lines[head : head + came]]
    return "".join((*lines[:above], *block, *lines[above:head], *lines[head + came :]))


def _by_hand(path: Path, value: Value) -> SettingsError:
    table, key = ".".join(_quoted(name) for name in path[:-1]), _quoted(path[-1])
    return SettingsError(
        f"digest.toml is written in a way that only a person can change: set {key} = {tomlkit.item(value).as_string()} in [{table}]."
    )


def _quoted(name: str) -> str:
    return tomlkit.key(name).as_string()
