"""What falls between publishing and the hand-over: all of it leaves, what stays is as it was, and only what may be shown steps in."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from digest.content.store import remove_comments, save_articles, withdraw_articles
from digest.content.tables import ArticleRow, CommentRow
from digest.delivery.memory import MemoryTransport
from digest.editions import store
from digest.editions.ledger import history
from digest.editions.values import EditionState, Kind
from digest.refresh import refresh
from digest.settings import Settings
from tests.test_deliver import SLOT, article, fill, hand_over, publish_at, settings_for


def published(engine: Engine, database_url: str, articles: int = 14) -> tuple[Settings, store.StoredEdition]:
    settings = settings_for(database_url)
    fill(engine, articles=articles, readers=1)
    return settings, publish_at(engine, settings).edition


def picks(engine: Engine, edition: store.StoredEdition, place: str, kind: Kind = Kind.ARTICLE) -> list[int]:
    with engine.begin() as connection:
        stored: Any = store.load_choice(connection, edition.id)["picks"]
    return [pick["id"] for pick in stored if (pick["place"], pick["kind"]) == (place, kind)]


def withdraw(engine: Engine, *ids: int) -> None:
    with engine.begin() as connection:
        keys = connection.scalars(select(ArticleRow.key).where(ArticleRow.id.in_(ids))).all()
        assert withdraw_articles(connection, "site", keys) == len(ids)


def refreshed(engine: Engine, settings: Settings, edition: store.StoredEdition) -> bool:
    return refresh(engine, settings, settings.newsletter("weekly"), edition, now=SLOT)


def test_a_reserve_that_fell_as_well_does_not_step_in(engine: Engine, database_url: str) -> None:
    settings, edition = published(engine, database_url)
    first, second = picks(engine, edition, "reserve")
    lead = picks(engine, edition, "lead")[0]
    withdraw(engine, lead, first)
    assert refreshed(engine, settings, edition)
    assert second in picks(engine, edition, "lead") + picks(engine, edition, "section")
    assert picks(engine, edition, "reserve") == []
    assert not refreshed(engine, settings, edition)


def test_when_the_reserves_fell_as_well_nothing_is_sent(engine: Engine, database_url: str) -> None:
    settings, edition = published(engine, database_url)
    withdraw(engine, *picks(engine, edition, "lead"), *picks(engine, edition, "section"), *picks(engine, edition, "reserve"))
    transport = MemoryTransport()
    stand = hand_over(engine, settings, transport)
    assert (stand.edition.state, transport.sent) == (EditionState.CANCELLED, [])


def test_a_runner_up_that_fell_changes_nothing(engine: Engine, database_url: str) -> None:
    settings, edition = published(engine, database_url)
    with engine.begin() as connection:
        stored: Any = store.load_choice(connection, edition.id)
    out = [one["id"] for one in stored["passed_over"] if one["kind"] == "article" and "the same as" not in one["why"]]
    assert out
    withdraw(engine, *out)
    assert not refreshed(engine, settings, edition)


def twins(engine: Engine, database_url: str) -> tuple[Settings, store.StoredEdition, int]:
    """A published edition in which one article is named under its twin; the id of that one."""
    settings = settings_for(database_url)
    fill(engine, articles=6, readers=1)
    twin = replace(article(2), key="twin", url="https://lamp.example/twin", title=article(2).title + ".")
    with engine.begin() as connection:
        assert save_articles(connection, "site", [twin], now=SLOT, first=True).new == 1
    edition = publish_at(engine, settings).edition
    with engine.begin() as connection:
        stored: Any = store.load_choice(connection, edition.id)["picks"]
    (named,) = [number for pick in stored for number in pick["also"]]
    return settings, edition, named


def unfolded(connection: Connection, edition: store.StoredEdition) -> bytes:
    """The stored body without its soft line breaks."""
    return store.load_bytes(connection, edition.id).body.replace(b"=\\r\\n", b"")


def test_an_article_that_is_only_named_under_another_falls_too(engine: Engine, database_url: str) -> None:
    settings, edition, named = twins(engine, database_url)
    with engine.begin() as connection:
        url = (connection.scalars(select(ArticleRow.url).where(ArticleRow.id == named)).one() + '\\"').encode()
        assert url in unfolded(connection, edition)
    withdraw(engine, named)
    assert refreshed(engine, settings, edition)
    with engine.begin() as connection:
        assert url not in unfolded(connection, edition)


def test_what_is_named_under_another_stays_when_something_else_falls(engine: Engine, database_url: str) -> None:
    settings, edition, named = twins(engine, database_url)
    fell = next(number for number in picks(engine, edition, "section") if number != 3)
    withdraw(engine, fell)
    assert refreshed(engine, settings, edition)
    with engine.begin() as connection:
        url = (connection.scalars(select(ArticleRow.url).where(ArticleRow.id == named)).one() + '\\"').encode()
        assert url in unfolded(connection, edition)


def test_a_comment_falls_and_its_article_stays(engine: Engine, database_url: str) -> None:
    settings, edition = published(engine, database_url)
    before = picks(engine, edition, "lead") + picks(engine, edition, "section")
    quote = picks(engine, edition, "quote", Kind.COMMENT)[0]
    with engine.begin() as connection:
        key = connection.scalars(select(CommentRow.key).where(CommentRow.id == quote)).one()
        assert remove_comments(connection, "site", [key]) == 1
    assert refreshed(engine, settings, edition)
    assert picks(engine, edition, "lead") + picks(engine, edition, "section") == before
    assert quote not in picks(engine, edition, "quote", Kind.COMMENT)


def test_a_reserve_that_stepped_in_is_remembered_with_its_comments(engine: Engine, database_url: str) -> None:
    """Else the talk it had already would bring it back as “still being discussed”."""
    settings = settings_for(database_url)
    fill(engine, articles=14, readers=1)
    with engine.begin() as connection:
        connection.execute(update(ArticleRow).values(comment_count=25))
    edition = publish_at(engine, settings).edition
    reserve = picks(engine, edition, "reserve")[0]
    withdraw(engine, picks(engine, edition, "lead")[0])
    assert refreshed(engine, settings, edition)
    with engine.begin() as connection:
        past = history(connection, "weekly", "weekly", edition.slot.replace(year=2027), edition.slot.replace(year=2025))
    assert past.sent[reserve] == 25


def test_the_subject_still_differs_from_the_last_edition_s(engine: Engine, database_url: str) -> None:
    settings, edition = published(engine, database_url)
    withdraw(engine, picks(engine, edition, "lead")[0])
    assert refreshed(engine, settings, edition)
    with engine.begin() as connection:
        assert store.get(connection, edition.id).subject not in ("", edition.subject)
