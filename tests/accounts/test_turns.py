"""Few at a time, few in line, and the rest are told so at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from digest.accounts.turns import Turns
from digest.errors import TooBusy


def test_who_comes_when_all_turns_are_taken_is_told_so() -> None:
    turns, inside, go = Turns(at_once=2, in_line=0), Barrier(3), Event()

    def take() -> bool:
        with turns:
            inside.wait()
            return go.wait()

    with ThreadPoolExecutor(2) as pool:
        taken = [pool.submit(take) for _ in range(2)]
        inside.wait()
        with pytest.raises(TooBusy), turns:
            pass
        go.set()
        assert all(one.result() for one in taken)
    with turns:
        assert go.is_set()


def test_who_waits_in_line_gets_their_turn_also_after_a_failure() -> None:
    turns, inside, go, order = Turns(at_once=1, in_line=1), Event(), Event(), []

    def fail() -> None:
        with turns:
            inside.set()
            go.wait()
            order.append("first")
            raise ValueError

    def follow() -> None:
        inside.wait()
        with turns:
            order.append("second")

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(fail), pool.submit(follow)
        inside.wait()
        go.set()
        assert isinstance(first.exception(), ValueError)
        second.result()
    assert order == ["first", "second"]
