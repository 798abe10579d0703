"""The weights of a newsletter as sliders: what each may be, what it is, and the newsletter as it would be with others. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from digest.desk.why.weight_words import ARTICLES, COMMENTS
from digest.mistakes import mistakes
from digest.newsletter import Newsletter
from digest.rules import ArticleRules, CommentRules
from digest.settings_file import set_outside

TABLES: dict[str, tuple[type[BaseModel], Mapping[str, Mapping[str, tuple[str, str]]]]] = {
    "articles": (ArticleRules, ARTICLES),
    "comments": (CommentRules, COMMENTS),
}
REACH = 4  # a slider without an end of its own goes to so many times the default


class NoSuchWeight(ValueError):
    """What was asked for is no weight, or no value it may have; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One slider. `field` names it in a form; `least` and `most` are the slider's ends, `low` and `high` what the value must keep within, empty where
    nothing says so. `outside`: the variable of the environment that has the last word on it."""

    field: str
    label: str
    hint: str
    value: float
    tried: float
    default: float
    least: float
    most: float
    low: float | str
    high: float | str
    step: float
    outside: str

    @property
    def changed(self) -> bool:
        return self.tried != self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    title: str
    weights: tuple[Weight, ...]


def groups(table: str, now: Newsletter, tried: Newsletter, environment: Mapping[str, str]) -> Iterator[Group]:
    """The sliders of [articles] or [comments], in their groups."""
    rules, words = TABLES[table]
    for title, keys in words.items():
        found = []
        for key, said in keys.items():
            name = f"{table}.{key}"
            outside = set_outside(place_of(now, name), environment)
            found.append(_weight(name, said, rules.model_fields[key], (value_of(now, name), value_of(tried, name)), outside))
        yield Group(title=title, weights=tuple(found))


def numbers(asked: Mapping[str, str]) -> dict[str, float]:
    """The weights that a form or an address names, as numbers. Raises `NoSuchWeight`."""
    found: dict[str, float] = {}
    for field, text in asked.items():
        table, _, key = field.partition(".")
        if table not in TABLES:
            continue
        if not any(key in keys for keys in TABLES[table][1].values()):
            raise NoSuchWeight(f"There is no weight “{field}”.")
        found[field] = _number(field, text, whole=TABLES[table][0].model_fields[key].annotation is int)
    return found


def tried(newsletter: Newsletter, values: Mapping[str, float]) -> Newsletter:
    """The newsletter as it would be with these weights. Raises `NoSuchWeight` with the reason where one may not be that."""
    changed: dict[str, Any] = {}
    for table, (rules, _) in TABLES.items():
        own = {field.partition(".")[2]: value for field, value in values.items() if field.startswith(f"{table}.")}
        try:
            changed[table] = rules.model_validate({**getattr(newsletter, table).model_dump(), **own})
        except ValidationError as error:
            raise NoSuchWeight("; ".join(f"{table}.{line}" for line in mistakes(error, rules))) from error
    return newsletter.model_copy(update=changed)


def differing(newsletter: Newsletter, values: Mapping[str, float], environment: Mapping[str, str]) -> dict[str, float]:
    """Those that are otherwise than the newsletter has them. Raises `NoSuchWeight` for one that only the environment can change."""
    found = {field: value for field, value in values.items() if value != value_of(newsletter, field)}
    for field in found:
        if outside := set_outside(place_of(newsletter, field), environment):
            raise NoSuchWeight(f"{field} is set by {outside} in the environment: it cannot be changed here.")
    return found


def place_of(newsletter: Newsletter, field: str) -> tuple[str, ...]:
    """Where in digest.toml the weight stands: articles are judged in each cadence by rules of its own, comments in all alike."""
    table, _, key = field.partition(".")
    there = ("cadences", newsletter.cadence) if table == "articles" and newsletter.cadence != newsletter.own_cadence else ()
    return ("newsletters", newsletter.slug, *there, table, key)


def _weight(name: str, said: tuple[str, str], field: FieldInfo, values: tuple[float, float], outside: str) -> Weight:
    """`values`: as it is, and as it is tried."""
    default, whole = float(field.default), field.annotation is int
    low, high = _bound(field, Ge, Gt), _bound(field, Le, Lt)
    return Weight(
        field=name,
        label=said[0],
        hint=said[1],
        value=values[0],
        tried=values[1],
        default=default,
        least=min(0.0 if low == "" else float(low), *values),
        most=max(_end(default, whole=whole) if high == "" else float(high), *values),
        low=low,
        high=high,
        step=1 if whole else 0.01,
        outside=outside,
    )


def value_of(newsletter: Newsletter, field: str) -> float:
    """Of one weight, as the newsletter has it."""
    table, _, key = field.partition(".")
    value: float = getattr(getattr(newsletter, table), key)
    return value


def _bound(field: FieldInfo, closed: type[Ge | Le], open_: type[Gt | Lt]) -> float | str:
    """Where nothing bounds it: empty. A bound that is itself left out lies a step off."""
    for one in field.metadata:
        if isinstance(one, closed):
            return float(str(one.ge if isinstance(one, Ge) else one.le))
        if isinstance(one, open_):
            return 0.01 + float(str(one.gt)) if isinstance(one, Gt) else float(str(one.lt)) - 0.01
    return ""


def _end(default: float, *, whole: bool) -> float:
    """A round number at least so far off that the slider reaches well beyond the default."""
    wanted = max(REACH * default, 10 if whole else 0.5)
    return float(next(end for end in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000) if end >= wanted))


def _number(field: str, text: str, *, whole: bool) -> float:
    try:
        value = int(text) if whole else round(float(text.replace(",", ".")), 4)
    except (ValueError, OverflowError) as error:
        raise NoSuchWeight(f"{field}: “{text[:20]}” is no {'whole ' if whole else ''}number.") from error
    if not isfinite(value) or abs(value) > 1_000_000:
        raise NoSuchWeight(f"{field}: {text[:20]} is out of all bounds.")
    return value
