"""The garbage collector stands still while an edition is chosen, and is never left so."""

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from digest.content.values import Snapshot
from digest.editions.window import Window
from digest.material import Gathered, without_collection
from digest.prepare import choose_from
from tests.editions.snapshots import CUTOFF, START, article, newsletter


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was_on else gc.disable)()


def test_it_goes_on_afterwards() -> None:
    with without_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_had_switched_it_off_finds_it_off() -> None:
    gc.disable()
    with without_collection():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_of_two_at_once_neither_leaves_it_off() -> None:
    first, second = without_collection(), without_collection()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_it_goes_on_after_an_error_in_choosing() -> None:
    window = Window(start=START, cutoff=CUTOFF, reach=START)
    gathered = Gathered(newsletter=newsletter(), slot=CUTOFF, window=window, snapshot=Snapshot(articles=(article(1),)), last_subject="")
    assert choose_from(gathered, site="", allow_few=True).choice.picks
    broken = replace(gathered, window=replace(window, cutoff=CUTOFF.replace(tzinfo=None)))  # cannot be compared with the articles' moments
    with pytest.raises(TypeError):
        choose_from(broken, site="")
    assert gc.isenabled()
