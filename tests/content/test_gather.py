"""The snapshot that choosing looks at: what belongs in it, in three queries whatever its size."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update

from digest.content.gather import gather, gather_items, without_rings
from digest.content.store import hold_comments, remove_comments, save_articles, save_comments, withdraw_articles
from digest.content.tables import ArticleRow, CommentRow
from digest.content.values import Comment, CommentState, FoundArticle, FoundAuthor, FoundComment, Image, Role, Snapshot
from tests.content.builders import MONDAY, article, comment

WEEK_AGO = MONDAY - timedelta(days=7)
LONG_AGO = MONDAY - timedelta(days=40)


def fill(
    engine: Engine, articles: Sequence[FoundArticle], comments: Sequence[FoundComment] = (), *, source: str = "paper", first: bool = True
) -> None:
    with engine.begin() as connection:
        save_articles(connection, source, articles, now=MONDAY - timedelta(hours=1), first=first)
        save_comments(connection, source, comments, now=MONDAY - timedelta(hours=1))


def snapshot(engine: Engine, **given: Any) -> Snapshot:
    arguments: dict[str, Any] = {
        "sources": (),
        "start": WEEK_AGO,
        "cutoff": MONDAY,
        "comments_from": WEEK_AGO,
        "sent": {},
        "considered": frozenset(),
        "quoted": frozenset(),
        "quoted_people": frozenset(),
    }
    with engine.connect() as connection:
        return gather(connection, **(arguments | given))


def keys(items: Sequence[Any]) -> list[str]:
    return [item.key for item in items]


def test_a_snapshot_gives_back_what_was_stored(engine: Engine) -> None:
    picture = Image(url="https://paper.example/pier.jpg", alt="The pier", width=800, height=600)
    author = FoundAuthor(key="7", name="Tilda", role=Role.CONTRIBUTOR)
    found = article("1", image=picture, author=author, tags=("sea", "food"), section="Harbour", votes=4, views=90, comment_count=2)
    answer = comment("c2", "1", parent_key="c1", author_key="7", author_name="Tilda", votes_up=3, votes_down=1, flags=1, featured=True)
    fill(engine, [found], [comment("c1", "1"), answer])
    seen = snapshot(engine, sent={5: 2}, considered=frozenset({6}), quoted=frozenset({7}), quoted_people=frozenset({"pim"}))
    (one,) = seen.articles
    assert (one.image, one.tags, one.section, one.votes, one.views, one.comment_count) == (picture, ("sea", "food"), "Harbour", 4, 90, 2)
    assert one.author is not None
    assert (one.author.name, one.author.role) == ("Tilda", Role.CONTRIBUTOR)
    first, second = seen.comments
    assert (second.parent_id, second.votes_up, second.votes_down, second.flags, second.featured) == (first.id, 3, 1, 1, True)
    assert (second.author_id, second.role) == (one.author.id, Role.CONTRIBUTOR)
    assert (first.author_id, first.role, first.orphan) == (None, Role.READER, False)
    assert (dict(seen.sent), seen.considered, seen.quoted, seen.quoted_people) == ({5: 2}, frozenset({6}), frozenset({7}), frozenset({"pim"}))


@pytest.mark.parametrize(
    ("published_days_ago", "first", "is_in"),
    [(7, True, True), (8, True, False), (400, False, True), (400, True, False), (0, True, False), (-1, False, False)],
)
def test_the_later_of_publication_and_first_sight_decides(engine: Engine, published_days_ago: int, first: bool, is_in: bool) -> None:
    fill(engine, [article("1", published_at=MONDAY - timedelta(days=published_days_ago))], first=first)
    assert bool(snapshot(engine).articles) is is_in


def test_windows_join_without_gap_or_overlap(engine: Engine) -> None:
    fill(engine, [article(str(hour), published_at=WEEK_AGO + timedelta(hours=hour)) for hour in range(24)])
    middle = WEEK_AGO + timedelta(hours=12)
    first, second = snapshot(engine, cutoff=middle), snapshot(engine, start=middle)
    assert keys(first.articles) == [str(hour) for hour in range(12)]
    assert keys(second.articles) == [str(hour) for hour in range(12, 24)]


def test_only_the_newsletters_sources(engine: Engine) -> None:
    fill(engine, [article("1"), article("old", published_at=LONG_AGO)], [comment("c", "old")])
    fill(engine, [article("2"), article("old", published_at=LONG_AGO)], [comment("d", "old")], source="blog")
    assert keys(snapshot(engine, sources=("blog",)).articles) == ["2"]
    assert keys(snapshot(engine, sources=("blog",)).comments) == ["d"]
    assert keys(snapshot(engine).articles) == ["1", "2"]


def test_withdrawn_articles_are_out_with_their_comments(engine: Engine) -> None:
    fill(engine, [article("1"), article("old", published_at=LONG_AGO)], [comment("c1", "1"), comment("c2", "old")])
    with engine.begin() as connection:
        withdraw_articles(connection, "paper", ["1", "old"])
    seen = snapshot(engine)
    assert (seen.articles, seen.others, seen.comments) == ((), (), ())


def test_comments_come_in_every_state_and_only_before_the_cutoff(engine: Engine) -> None:
    comments = [comment(key, "1") for key in ("approved", "held", "removed")]
    fill(engine, [article("1")], [*comments, comment("late", "1", posted_at=MONDAY), comment("lost", "1", parent_key="nobody")])
    with engine.begin() as connection:
        hold_comments(connection, "paper", ["held"])
        remove_comments(connection, "paper", ["removed"])
    states = {found.key: (found.state, found.orphan) for found in snapshot(engine).comments}
    assert states == {
        "approved": (CommentState.APPROVED, False),
        "held": (CommentState.HELD, False),
        "removed": (CommentState.REMOVED, False),
        "lost": (CommentState.APPROVED, True),
    }


def test_an_old_article_is_there_for_its_new_comments_with_the_whole_thread(engine: Engine) -> None:
    old = [article(key, published_at=LONG_AGO) for key in ("lively", "quiet", "held")]
    thread = [comment("start", "lively", posted_at=LONG_AGO), comment("reply", "lively", parent_key="start")]
    fill(engine, [article("1"), *old], [*thread, comment("c", "quiet", posted_at=LONG_AGO), comment("h", "held")])
    with engine.begin() as connection:
        hold_comments(connection, "paper", ["h"])
    seen = snapshot(engine)
    assert (keys(seen.articles), keys(seen.others), keys(seen.comments)) == (["1"], ["lively"], ["start", "reply"])


def test_html_is_sanitised_on_the_way_out_too_and_bodies_stay_in_the_store(engine: Engine) -> None:
    fill(engine, [article("1")])
    with engine.begin() as connection:
        connection.execute(update(ArticleRow).values(body="<p>x</p><script>alert(1)</script>", excerpt="<b onclick=x()>y</b><script>z</script>"))
    (one,) = snapshot(engine).articles
    assert (one.body, one.excerpt) == ("", "<b>y</b>")


def test_the_number_of_queries_does_not_grow(engine: Engine) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda connection, cursor, statement, *rest: statements.append(statement))
    counts = []
    for size in (5, 500):
        old = [article(f"old{number}", published_at=LONG_AGO) for number in range(size)]
        fill(engine, [article(str(number)) for number in range(size)] + old, [comment(str(number), f"old{number}") for number in range(size)])
        statements.clear()
        seen = snapshot(engine)
        assert (len(seen.articles), len(seen.others), len(seen.comments)) == (size, size, size)
        counts.append(len([statement for statement in statements if statement.startswith("SELECT")]))
    assert counts == [3, 3]


def test_chosen_articles_are_read_again_by_number(engine: Engine) -> None:
    fill(engine, [article("1"), article("2"), article("3")], [comment("c1", "1"), comment("c2", "2"), comment("late", "1", posted_at=MONDAY)])
    with engine.begin() as connection:
        ids = dict(connection.execute(select(ArticleRow.key, ArticleRow.id)).all())
        withdraw_articles(connection, "paper", ["3"])
        seen = gather_items(connection, articles={ids["1"], ids["3"]}, comments_until=MONDAY)
    assert (keys(seen.articles), keys(seen.comments)) == (["1"], ["c1"])


def test_an_empty_store_gives_an_empty_snapshot(engine: Engine) -> None:
    seen = snapshot(engine)
    assert (seen.articles, seen.comments, seen.others) == ((), (), ())


def test_comments_that_answer_each_other_get_a_start(engine: Engine) -> None:
    ring = [
        comment("a", "1", parent_key="c"),
        comment("b", "1", parent_key="a"),
        comment("c", "1", parent_key="b"),
        comment("d", "1", parent_key="c"),
    ]
    fill(engine, [article("1")], ring)
    with engine.connect() as connection:
        assert len(connection.execute(select(CommentRow.id).where(CommentRow.parent_id.is_not(None))).all()) == 4
    found = {one.key: one for one in snapshot(engine).comments}
    assert [found[key].orphan for key in "abcd"] == [True, False, False, False]
    assert found["d"].parent_id == found["c"].id


def test_sound_threads_are_left_alone(engine: Engine) -> None:
    fill(engine, [article("1")], [comment("1", "1"), *(comment(str(number), "1", parent_key=str(number // 2)) for number in range(2, 20))])
    comments = snapshot(engine).comments
    assert without_rings(comments) == comments
    assert sum(one.parent_id is None for one in comments) == 1
    assert set(Comment._fields).isdisjoint({"body", "email", "address", "ip"})
