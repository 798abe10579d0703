"""Single values are set in a text of settings, and nothing else of it changes."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import SettingsError
from digest.set_values import Path, Value, set_values

FRESHNESS = ("newsletters", "weekly", "articles", "freshness")

# What stands between « and » is there before, what stands between ‹ and › comes instead.
CASES = {
    "a value, its comment and spacing kept": "[newsletters.weekly.articles]\n  freshness   =  «0.15»‹0.9›   # as in spring\nimage=0.05\n",
    "a new key, above what belongs to the next table": "[newsletters.weekly.articles]\nimage=0.05\n‹freshness = 0.9\n›\n# readers\n[sources.x]\n",
    "a new key after a list of several lines": "[newsletters.weekly.articles]\nx = [\n1, # one\n]\n‹freshness = 0.9\n›# the end\n",
    "a new table after its parent": "[newsletters.weekly]\ntitle='x'\n‹\n[newsletters.weekly.articles]\nfreshness = 0.9\n›\n# readers\n[sources.x]\n",
    "a dotted key": "[newsletters.weekly]\ntitle='x'\narticles.freshness = «0.2»‹0.9› # why\narticles.image = 1\n",
    "a new dotted key": "[newsletters.weekly]\narticles.image = 1 # why\n‹articles.freshness = 0.9\n›\n# readers\n[sources.x]\n",
    "an inline table": "[newsletters.weekly]\narticles = { freshness = «0.3»‹0.9›,  image = 2 } # why\n",
    "tables out of order": "[newsletters.weekly.articles]\nimage=3\n‹freshness = 0.9\n›[database]\nurl='s'\n[newsletters.weekly]\ntitle='x'\n",
    "among arrays of tables": "[[delivery.dkim]]\nx='a'\n[newsletters.weekly.articles]\nfreshness = «1»‹0.9›\n[[delivery.dkim]]\nx='b'\n",
    "after a text that looks like a comment": '[newsletters.weekly.articles]\nx = """\n# no comment"""\n‹freshness = 0.9\n›',
    "no line end at the end": "[newsletters.weekly.articles]\nfreshness = «0.15»‹0.9›",
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("case", CASES)
def test_only_this_changes(case: str, end: str) -> None:
    text = CASES[case].replace("\n", end)
    before, after = re.sub("‹[^›]*›|[«»]", "", text), re.sub("«[^»]*»|[‹›]", "", text)

    assert set_values(before, {FRESHNESS: 0.9}) == after


def test_several_values_of_any_kind() -> None:
    values: dict[Path, Value] = {
        ("newsletters", "weekly", "sponsor", "title"): 'Rope “& twine”, \\ "tarred"',
        ("newsletters", "weekly", "sponsor", "until"): date(2026, 12, 24),
        ("newsletters", "weekly", "limits", "articles"): 7,
        ("newsletters", "weekly", "cadences", "Every day", "articles", "decay"): 0.5,
        ("newsletters", "weekly", "local_time"): True,
    }

    after = set_values("# ours\n[newsletters.weekly]\nlocal_time = false # for now\n", values)

    assert all(value_at(tomllib.loads(after), path) == value for path, value in values.items())
    assert after.startswith("# ours\n[newsletters.weekly]\nlocal_time = true # for now\n")
    assert '[newsletters.weekly.cadences."Every day".articles]' in after


def test_a_table_that_cannot_be_added_to_is_left_to_a_person() -> None:
    with pytest.raises(SettingsError, match=r"set freshness = 0\.9 in \[newsletters\.weekly\.articles\]"):
        set_values("[newsletters]\nweekly = 'not a table'\n", {FRESHNESS: 0.9})


SPACE = st.sampled_from(["", "\n", "\n\n", "# a word\n", "\n# two\n#words [and = more]\n", "   \n", "# “quotes” \u2028 and more\n"])
TAIL = st.sampled_from(["", " # why", "   #why = 1", "\t"])
EQUALS = st.sampled_from(["=", " = ", "   =  "])
BESIDE = st.sampled_from(["image = 0.05", "decay=1", 'pin = """\n# no\n[comment]\n"""', "boosts = { a = 1, b = 2 }", "never = [\n  'a', # a\n]"])
ELSEWHERE = st.sampled_from(
    [
        "[sources.x]\nkind = 'feed'",
        "[[delivery.dkim]]\nselector = 'a'",
        "[newsletters.daily]\ntitle = 'Daily'\narticles.image = 1",
        "[newsletters.daily.articles]\nfreshness = 0.3",
        '[newsletters.weekly.cadences."Every day"]\nschedule = "* * * * *"',
        "[newsletters.weekly.limits]\narticles = 3",
        "[render]",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Settings as people write them, with a newsletter whose articles' rules stand in any of the places TOML has for them."""
    tables = draw(st.lists(ELSEWHERE, max_size=5, unique=True))
    if sum("newsletters.daily" in table for table in tables) > 1:
        tables = [table for table in tables if "articles.image" not in table]
    beside = draw(st.lists(BESIDE, max_size=3, unique=True))
    value = [f"freshness{draw(EQUALS)}{draw(st.sampled_from(['0.15', '1', '-0.5e-3', '1_0.0']))}"] if draw(st.booleans()) else []
    lines = draw(st.permutations([*beside, *value]))
    style = draw(st.sampled_from(["table", "dotted", "inline", "none"]))
    title = f"[newsletters.weekly]{draw(TAIL)}\n{draw(SPACE)}title{draw(EQUALS)}'The week'{draw(TAIL)}\n"
    if style == "table":
        tables.insert(draw(st.integers(0, len(tables))), f"[newsletters.weekly.articles]{draw(TAIL)}\n" + drawn(draw, lines, ""))
    elif style == "dotted":
        title += drawn(draw, lines, "articles.")
    elif style == "inline":
        title += f"articles = {{ {', '.join(line for line in lines if chr(10) not in line)} }}{draw(TAIL)}\n"
    tables.insert(draw(st.integers(0, len(tables))), title)
    return draw(SPACE) + "".join(f"{table}\n{draw(SPACE)}" for table in tables)


def drawn(draw: st.DrawFn, lines: list[str], before: str) -> str:
    return "".join(f"{before}{line}{draw(TAIL)}\n{draw(SPACE)}" for line in lines)


@settings(max_examples=300)
@given(documents(), st.one_of(st.floats(-5, 5).map(lambda value: round(value, 4)), st.integers(0, 99)))
def test_whatever_is_written_otherwise_stays(text: str, value: float) -> None:
    after = set_values(text, {FRESHNESS: value})

    assert tomllib.loads(after) == put(tomllib.loads(text), FRESHNESS, value)
    kept, new = text.split("\n"), after.split("\n")
    lost = [line for line in kept if line not in new]
    assert len(lost) <= 1
    assert all("freshness" in line or "articles = {" in line for line in lost)
    assert is_within([line for line in kept if line not in lost], new)


def is_within(some: list[str], lines: list[str]) -> bool:
    """Whether all of them are there, in their order."""
    there = iter(lines)
    return all(line in there for line in some)


def put(tree: Mapping[str, Any], path: Path, value: Value) -> dict[str, Any]:
    head, *rest = path
    return {**tree, head: put(tree.get(head, {}), tuple(rest), value) if rest else value}


def value_at(tree: Any, path: Path) -> Any:
    for name in path:
        tree = tree[name]
    return tree
