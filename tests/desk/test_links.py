"""A one-time link is taken once, also by many at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from digest.desk.door.links import LIFETIME, PATH, Links

WANTING = 8


def test_of_many_at_once_one_gets_in(now: datetime) -> None:
    links, start = Links(), Barrier(WANTING)
    token = links.make(now).removeprefix(f"{PATH}/")

    def take(_: int) -> bool:
        start.wait()
        return links.take(token, now)

    with ThreadPoolExecutor(WANTING) as pool:
        assert sorted(pool.map(take, range(WANTING))) == [False] * (WANTING - 1) + [True]


def test_each_is_good_by_itself_and_for_its_time(now: datetime) -> None:
    links = Links()
    first = links.make(now).removeprefix(f"{PATH}/")
    second = links.make(now + LIFETIME / 2).removeprefix(f"{PATH}/")
    assert first != second
    assert not links.take(first, now + LIFETIME)
    assert links.take(second, now + LIFETIME)


def test_only_what_a_link_opened_is_known(now: datetime) -> None:
    links = Links()
    links.remember("hash")
    assert links.opened("hash")
    assert not links.opened("")
    assert not Links().opened("hash")
