"""What sources find, stored on both kinds of database: added once, brought up to date, withdrawn and blanked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from digest.content.store import Saved, hold_comments, known, remove_comments, save_articles, save_comments, withdraw_articles
from digest.content.tables import ArticleRow, AuthorRow, CommentRow
from digest.content.values import ArticleState, CommentState, FoundAuthor, Image, Role
from tests.content.builders import MONDAY, article, comment

LATER = MONDAY + timedelta(hours=1)


def stored(connection: Connection, table: Any, key: str) -> Any:
    return connection.execute(select(*table.__table__.c).where(table.key == key)).one()


def save(connection: Connection, *found: Any, first: bool = False) -> Saved:
    articles = [item for item in found if hasattr(item, "title")]
    comments = [item for item in found if not hasattr(item, "title")]
    saved = save_articles(connection, "paper", articles, now=MONDAY, first=first)
    return saved + save_comments(connection, "paper", comments, now=MONDAY)


def test_an_article_is_stored_sanitised(engine: Engine) -> None:
    found = article(
        "1",
        title="Fish & chips\n<3",
        body='<p>Fresh <a href="../fish">fish</a></p><script>alert(1)</script>',
        tags=("sea\x00", "", "food"),
        image=Image(url="https://paper.example/pier.jpg", alt="The\npier", width=10**12, height=-3),
        votes=10**12,
        author=FoundAuthor(key="7", name="Tilda Marsh", role=Role.CONTRIBUTOR),
    )
    with engine.begin() as connection:
        assert save(connection, found) == Saved(new=1)
        row = stored(connection, ArticleRow, "1")
        assert row.title == "Fish & chips <3"
        assert row.body == '<p>Fresh <a href="https://paper.example/fish">fish</a></p>'
        assert row.text == "Fresh fish"
        assert row.tags == ["sea", "food"]
        assert (row.image_alt, row.image_width, row.image_height, row.votes) == ("The pier", 2**31 - 1, 0, 2**31 - 1)
        assert connection.execute(select(AuthorRow.name, AuthorRow.role).where(AuthorRow.id == row.author_id)).one() == (
            "Tilda Marsh",
            Role.CONTRIBUTOR,
        )


def test_a_second_sync_changes_only_what_differs(engine: Engine) -> None:
    found = [article(str(number), author=FoundAuthor(key="7", name="Tilda")) for number in range(3)]
    talk = [comment("c1", "0"), comment("c2", "1")]
    with engine.begin() as connection:
        assert save(connection, *found, *talk) == Saved(new=5)
        assert save(connection, *found, *talk) == Saved(unchanged=5)
        assert save(connection, replace(found[0], title="New"), *found[1:], *talk) == Saved(changed=1, unchanged=4)


def test_the_last_of_two_with_one_key_counts(engine: Engine) -> None:
    with engine.begin() as connection:
        assert save(connection, article("1", title="Old"), article("1", title="New")) == Saved(new=1)
        assert stored(connection, ArticleRow, "1").title == "New"


@pytest.mark.parametrize(("first", "expected"), [(True, MONDAY - timedelta(days=2)), (False, MONDAY)])
def test_the_backlog_counts_as_seen_when_it_was_published(engine: Engine, first: bool, expected: Any) -> None:
    with engine.begin() as connection:
        save(connection, article("1"), first=first)
        assert stored(connection, ArticleRow, "1").first_seen_at == expected
        save_articles(connection, "paper", [article("1", title="Later")], now=LATER, first=False)
        row = stored(connection, ArticleRow, "1")
        assert (row.title, row.first_seen_at) == ("Later", expected)


def test_a_backlog_dated_tomorrow_counts_as_seen_now(engine: Engine) -> None:
    with engine.begin() as connection:
        save(connection, article("1", published_at=MONDAY + timedelta(days=1)), first=True)
        assert stored(connection, ArticleRow, "1").first_seen_at == MONDAY


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(Exception, match="naive moment"):
        save(connection, article("1", published_at=MONDAY.replace(tzinfo=None)))


def test_two_sources_may_use_one_key(engine: Engine) -> None:
    with engine.begin() as connection:
        save(connection, article("1"))
        assert save_articles(connection, "blog", [article("1", title="Another")], now=MONDAY, first=True) == Saved(new=1)
        assert withdraw_articles(connection, "blog", ["1"]) == 1
        assert known(connection, "paper", since=None)[0].keys() == {"1"}


def test_a_withdrawn_article_comes_back(engine: Engine) -> None:
    with engine.begin() as connection:
        save(connection, article("1"))
        assert withdraw_articles(connection, "paper", ["1", "unknown"]) == 1
        assert withdraw_articles(connection, "paper", ["1"]) == 0
        assert stored(connection, ArticleRow, "1").state is ArticleState.WITHDRAWN
        assert save(connection, article("1")) == Saved(changed=1)
        assert stored(connection, ArticleRow, "1").state is ArticleState.PUBLISHED


def test_an_article_found_withdrawn_is_withdrawn_or_never_stored(engine: Engine) -> None:
    gone = article("1", state=ArticleState.WITHDRAWN, body="")
    with engine.begin() as connection:
        assert save(connection, gone) == Saved(dropped=1)
        save(connection, article("1"))
        assert save(connection, gone) == Saved(changed=1)
        row = stored(connection, ArticleRow, "1")
        assert (row.state, row.text) == (ArticleState.WITHDRAWN, "What happened at quay 1.")


def test_a_comment_on_an_unknown_article_is_dropped(engine: Engine) -> None:
    with engine.begin() as connection:
        assert save(connection, article("1"), comment("c1", "1"), comment("c2", "2")) == Saved(new=2, dropped=1)
        assert known(connection, "paper", since=None)[1] == {"c1": "1"}


def test_a_reply_finds_its_parent_before_or_after_it(engine: Engine) -> None:
    with engine.begin() as connection:
        save(connection, article("1"), comment("reply", "1", parent_key="start"), comment("self", "1", parent_key="self"))
        assert stored(connection, CommentRow, "reply").parent_id is None
        save(connection, comment("late", "1", parent_key="reply"), comment("start", "1"))
        start, reply, late = (stored(connection, CommentRow, key) for key in ("start", "reply", "late"))
        assert (reply.parent_id, late.parent_id, start.parent_id) == (start.id, reply.id, None)
        assert stored(connection, CommentRow, "self").parent_id is None
        save(connection, comment("late", "1", parent_key="start"))
        assert stored(connection, CommentRow, "late").parent_id == start.id


def test_a_parent_under_another_article_is_none(engine: Engine) -> None:
    with engine.begin() as connection:
        save(connection, article("1"), article("2"), comment("start", "1"), comment("reply", "2", parent_key="start"))
        assert stored(connection, CommentRow, "reply").parent_id is None


def test_an_edited_comment_tells_when(engine: Engine) -> None:
    with engine.begin() as connection:
        save(connection, article("1"), comment("c", "1"))
        assert stored(connection, CommentRow, "c").edited_at is None
        save_comments(connection, "paper", [comment("c", "1", votes_up=3)], now=LATER)
        assert stored(connection, CommentRow, "c").edited_at is None
        save_comments(connection, "paper", [comment("c", "1", body="Other words")], now=LATER)
        assert stored(connection, CommentRow, "c").edited_at == LATER
        save_comments(connection, "paper", [comment("c", "1", body="Other words")], now=LATER + timedelta(hours=1))
        assert stored(connection, CommentRow, "c").edited_at == LATER
        save_comments(connection, "paper", [comment("c", "1", body="Third", edited_at=MONDAY)], now=LATER)
        assert stored(connection, CommentRow, "c").edited_at == MONDAY


def test_a_removed_comment_is_blanked_and_may_come_back(engine: Engine) -> None:
    with engine.begin() as connection:
        save(connection, article("1"), comment("c", "1", author_key="9", avatar="https://paper.example/9.png"))
        assert remove_comments(connection, "paper", ["c", "c"]) == 1
        assert remove_comments(connection, "paper", ["c"]) == 0
        row = stored(connection, CommentRow, "c")
        assert (row.state, row.body, row.text, row.author_name, row.author_id, row.avatar) == (CommentState.REMOVED, "", "", "", None, "")
        assert known(connection, "paper", since=None)[1] == {}
        save(connection, comment("c", "1"))
        row = stored(connection, CommentRow, "c")
        assert (row.state, row.text, row.edited_at) == (CommentState.APPROVED, "I saw number c from the bridge.", None)


def test_a_comment_found_removed_is_blanked_or_never_stored(engine: Engine) -> None:
    gone = comment("c", "1", state=CommentState.REMOVED)
    with engine.begin() as connection:
        assert save(connection, article("1"), gone) == Saved(new=1, dropped=1)
        save(connection, comment("c", "1"))
        assert save(connection, gone) == Saved(changed=1)
        assert stored(connection, CommentRow, "c").text == ""


def test_a_held_comment_keeps_its_words_for_the_moderator(engine: Engine) -> None:
    with engine.begin() as connection:
        save(connection, article("1"), comment("c", "1"))
        assert hold_comments(connection, "paper", ["c"]) == 1
        assert hold_comments(connection, "paper", ["c"]) == 0
        row = stored(connection, CommentRow, "c")
        assert (row.state, row.text) == (CommentState.HELD, "I saw number c from the bridge.")
        assert save(connection, comment("c", "1")) == Saved(changed=1)
        assert stored(connection, CommentRow, "c").state is CommentState.APPROVED


def test_a_comment_never_demotes_its_writer(engine: Engine) -> None:
    with engine.begin() as connection:
        save(
            connection,
            article("1", author=FoundAuthor(key="7", name="Tilda", role=Role.STAFF)),
            comment("c", "1", author_key="7", author_name="Tilda M."),
        )
        author = stored(connection, AuthorRow, "7")
        assert (author.name, author.role) == ("Tilda M.", Role.STAFF)
        save(connection, comment("c", "1", author_key="7", role=Role.MODERATOR))
        assert stored(connection, AuthorRow, "7").role is Role.MODERATOR


def test_no_email_address_or_network_address_is_stored(engine: Engine) -> None:
    secret = ("pim@mail.example", "192.0.2.44")
    with engine.begin() as connection:
        save(
            connection,
            article("1", author=FoundAuthor(key=secret[0], name=secret[0])),
            comment("c1", "1", author_name=secret[0], author_key=secret[0]),
            comment("c2", "1", author_name=f"Pim {secret[1]}"),
            comment("c3", "1", author_name=" "),
        )
        everything = [repr(row) for table in (ArticleRow, AuthorRow, CommentRow) for row in connection.execute(select(*table.__table__.c))]
        assert not any(address in row for row in everything for address in secret)
        assert stored(connection, CommentRow, "c1").author_name == "p…"
        assert stored(connection, CommentRow, "c3").author_name == "Anonymous"
        columns = {column.name for table in (ArticleRow, AuthorRow, CommentRow) for column in table.__table__.c}
        assert not any("mail" in name or "ip" in name.split("_") for name in columns)


def test_keys_too_long_for_their_column_stay_apart(engine: Engine) -> None:
    long = "https://paper.example/" + "x" * 2_000
    with engine.begin() as connection:
        assert save(connection, article(long + "1"), article(long + "2"), comment("c", long + "1")) == Saved(new=3)
        assert save(connection, article(long + "1"), article(long + "2")) == Saved(unchanged=2)
        assert withdraw_articles(connection, "paper", [long + "1"]) == 1


def test_known_is_limited_to_the_window(engine: Engine) -> None:
    old = MONDAY - timedelta(days=60)
    with engine.begin() as connection:
        save(connection, article("1"), article("2", published_at=old), comment("c1", "1"), comment("c2", "1", posted_at=old))
        articles, comments = known(connection, "paper", since=MONDAY - timedelta(days=31))
        assert articles == {"1": MONDAY - timedelta(days=2)}
        assert comments == {"c1": "1"}
        assert [len(part) for part in known(connection, "paper", since=None)] == [2, 2]


def test_more_than_a_batch_at_once(engine: Engine) -> None:
    articles = [article(str(number)) for number in range(1_201)]
    comments = [comment(str(number), str(number), parent_key=str(number - 1)) for number in range(1_201)]
    with engine.begin() as connection:
        assert save(connection, *articles, *comments) == Saved(new=2_402)
        assert withdraw_articles(connection, "paper", [one.key for one in articles]) == 1_201


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(), min_size=6, max_size=6))
def test_any_text_can_be_stored(engine: Engine, texts: list[str]) -> None:
    key, title, body, name, section, tag = texts
    with engine.begin() as connection:
        found = article(key, title=title, body=body, excerpt=body, section=section, tags=(tag,), author=FoundAuthor(key=key, name=name))
        save(connection, found, comment(key, key, author_name=name, author_key=key, body=body, permalink=title))
        assert save(connection, found, comment(key, key, author_name=name, author_key=key, body=body, permalink=title)) == Saved(unchanged=2)
