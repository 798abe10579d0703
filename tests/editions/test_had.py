"""What readers from another cadence had there, and missed here: by the ledger."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, insert, select

from digest.content.store import save_articles
from digest.content.tables import ArticleRow
from digest.content.values import FoundArticle
from digest.editions.ledger import LedgerItem, had, write_ledger
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState, Kind, Place
from subscribers.wish import Served

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 2, 7, tzinfo=UTC)


def articles(connection: Connection, number: int) -> list[int]:
    found = [FoundArticle(key=f"a{one}", title=f"{one}", url=f"https://lamp.example/{one}", published_at=MONDAY - DAY) for one in range(number)]
    save_articles(connection, "site", found, now=MONDAY, first=True)
    return list(connection.scalars(select(ArticleRow.id).order_by(ArticleRow.id)))


def edition(connection: Connection, cadence: str, slot: datetime, lines: dict[int, Place | None]) -> None:
    row = {"newsletter": "weekly", "cadence": cadence, "slot": slot, "window_start": slot, "cutoff": slot, "created_at": slot}
    its = connection.scalars(insert(EditionRow).values(**row, state=EditionState.SENT).returning(EditionRow.id)).one()
    write_ledger(connection, its, [LedgerItem(kind=Kind.ARTICLE, item_id=one, place=place) for one, place in lines.items()])


def test_what_an_edition_has_only_for_others_who_missed_it_had_its_turn_before(engine: Engine) -> None:
    with engine.begin() as connection:
        first, second, third = articles(connection, 3)
        edition(connection, "daily", MONDAY, {first: Place.LEAD})
        edition(connection, "daily", MONDAY + 2 * DAY, {second: Place.LEAD, first: None})
        edition(connection, "daily", MONDAY + 3 * DAY, {third: Place.LEAD, first: None, second: None})
        # Of the monthly they had nothing since, and a pause let the first daily go by.
        stood = Served(cadence="monthly", until=MONDAY + DAY)
        theirs = had(connection, "weekly", "daily", MONDAY + 4 * DAY, stood, oldest=MONDAY - 30 * DAY)
    assert theirs.missed == {second, third}
