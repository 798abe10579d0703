"""docs/guarantee.md and docs/letters.md claim nothing without a test that is there."""

import re
from pathlib import Path

import pytest

from digest.delivery.values import DeliveryState

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantee.md").read_text()


@pytest.mark.parametrize("page", ["guarantee.md", "letters.md"])
def test_every_test_that_is_named_is_there(page: str) -> None:
    there = {name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)}
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / page).read_text()))
    assert named
    assert named - there == set()


def test_every_state_of_a_delivery_is_explained() -> None:
    assert [state for state in DeliveryState if f"| `{state}` |" not in PAGE] == []
