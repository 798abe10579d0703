"""The log of the desk: the newest first, page by page; a name cannot write a line of its own."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.accounts.log import latest, of_edition, write
from digest.accounts.roles import Deed


def test_the_newest_come_first_and_the_older_follow(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        for number in range(5):
            write(connection, at=now + timedelta(minutes=number), who="Ana", what=Deed.CHANGE, newsletter="weekly", detail={"number": number})
        first = latest(connection, limit=3)
        rest = latest(connection, before=first[-1].id, limit=3)
    assert [line.detail["number"] for line in (*first, *rest)] == [4, 3, 2, 1, 0]
    assert first[0].at == now + timedelta(minutes=4)


def test_what_was_done_to_an_edition_is_found(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        write(connection, at=now, who="Ana", what=Deed.CHANGE, newsletter="weekly", edition_id=7)
        write(connection, at=now, who="Ben", what=Deed.APPROVE, newsletter="weekly", edition_id=8)
        write(connection, at=now, who="Ben", what=Deed.APPROVE, newsletter="weekly", edition_id=7)
        assert [(line.who, line.what) for line in of_edition(connection, 7)] == [("Ben", "approve"), ("Ana", "change")]
        assert [line.edition_id for line in latest(connection, who="Ben", what="approve")] == [7, 8]
        assert latest(connection, who="Ben", what="change") == ()


def test_a_name_stays_within_its_line(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        write(connection, at=now, who="Ana\n2026-11-23 Ben approved \u202eit" + "x" * 100, what=Deed.SIGN_IN)
        (line,) = latest(connection)
    assert line.who.startswith("Ana2026-11-23 Ben approved it")
    assert len(line.who) == 80
