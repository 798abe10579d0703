from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from digest.content.tables import ArticleRow, CommentRow, SourceRow
from digest.content.values import ArticleState, CommentState
from digest.errors import SettingsError
from digest.settings import Fetch, Settings, parse
from digest.sources.http import Client
from digest.sources.recheck import recheck_items, rechecking
from digest.sources.sync import Report, SyncEvent, sync
from digest.sources.take_in import Counts
from digest.sources.values import Progress
from tests.sources.feeds import item, remark, rss
from tests.sources.web import Page, Site, conditional, serving
from tests.sources.wordpress_reading import Harbour

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.pages["/feed"] = Page(rss(item(1, f"<wfw:commentRss>{site.url}/talk</wfw:commentRss>"), item(2)))
        site.pages["/talk"] = Page(rss(remark(1, 9, "So was I."), remark(1, 8)))
        yield site


def settings_for(**sources: dict[str, Any]) -> Settings:
    return parse({"sources": sources, "fetch": {"allow_private": ["127.0.0.1"]}}, folder=Path())


@pytest.fixture
def settings(site: Site) -> Settings:
    return settings_for(harbour={"kind": "feed", "url": f"{site.url}/feed"})


def stored(engine: Engine) -> tuple[dict[str, ArticleState], dict[str, tuple[CommentState, str]]]:
    with engine.begin() as connection:
        articles = connection.execute(select(ArticleRow.title, ArticleRow.state)).all()
        comments = connection.execute(select(CommentRow.key, CommentRow.state, CommentRow.text)).all()
    return dict(articles), {key.rpartition("-")[2]: (state, text) for key, state, text in comments}


def row_of(engine: Engine, name: str = "harbour") -> Any:
    with engine.begin() as connection:
        return connection.execute(select(SourceRow.__table__).where(SourceRow.name == name)).one()


def test_what_a_source_shows_is_stored(engine: Engine, settings: Settings, client: Client) -> None:
    (report,) = sync(engine, settings, client=client, now=NOW)
    assert report == Report(source="harbour", counts=Counts(new_articles=2, new_comments=2))
    assert stored(engine) == (
        {"Ferry 1": ArticleState.PUBLISHED, "Ferry 2": ArticleState.PUBLISHED},
        {"8": (CommentState.APPROVED, "I was there."), "9": (CommentState.APPROVED, "So was I.")},
    )
    row = row_of(engine)
    assert (row.kind, row.location, row.synced_at, row.tried_at, row.failure, row.not_before) == (
        "feed",
        settings.sources["harbour"].url,
        NOW,
        NOW,
        "",
        None,
    )


def test_a_second_sync_changes_nothing(engine: Engine, settings: Settings, client: Client) -> None:
    sync(engine, settings, client=client, now=NOW)
    before = stored(engine)
    (report,) = sync(engine, settings, client=client, now=LATER)
    assert report.counts == Counts()
    assert stored(engine) == before
    assert row_of(engine).synced_at == LATER


def test_the_memory_is_kept_between_syncs(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    site.pages["/feed"] = conditional(Page(rss(item(1)), headers={"ETag": '"one"'}))
    sync(engine, settings, client=client, now=NOW)
    sync(engine, settings, client=client, now=LATER)
    assert [asked.headers.get("if-none-match") for asked in site.asked] == [None, '"one"']


def test_edits_and_removals_come_through(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    sync(engine, settings, client=client, now=NOW)
    site.pages["/feed"] = Page(rss(item(1).replace("Ferry 1", "Ferry one"), item(2)))
    site.pages["/talk"] = Page(rss(remark(1, 8, "I was not there.")))
    (report,) = sync(engine, settings, client=client, now=LATER)
    assert report.counts == Counts(changed_articles=1, changed_comments=1, removed_comments=1)
    articles, comments = stored(engine)
    assert set(articles) == {"Ferry one", "Ferry 2"}
    assert comments == {"8": (CommentState.APPROVED, "I was not there."), "9": (CommentState.REMOVED, "")}


def test_a_protected_article_is_withdrawn_and_comes_back(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    plain = site.pages["/feed"]
    sync(engine, settings, client=client, now=NOW)
    site.pages["/feed"] = Page(rss(item(1), item(2, "<description>There is no excerpt because this is a protected post.</description>")))
    (report,) = sync(engine, settings, client=client, now=LATER)
    assert report.counts.withdrawn_articles == 1
    assert stored(engine)[0] == {"Ferry 1": ArticleState.PUBLISHED, "Ferry 2": ArticleState.WITHDRAWN}
    site.pages["/feed"] = plain
    sync(engine, settings, client=client, now=LATER)
    assert stored(engine)[0] == {"Ferry 1": ArticleState.PUBLISHED, "Ferry 2": ArticleState.PUBLISHED}


def test_a_broken_source_stops_no_other(engine: Engine, client: Client, site: Site) -> None:
    site.pages |= {"/one": Page(rss(item(1))), "/two": Page(b"<html>Sorry</html>"), "/three": Page(rss(item(3)))}
    settings = settings_for(**{name: {"kind": "feed", "url": f"{site.url}/{name}"} for name in ("one", "two", "three")})
    reports = sync(engine, settings, client=client, now=NOW)
    assert [bool(report.failure) for report in reports] == [False, True, False]
    assert set(stored(engine)[0]) == {"Ferry 1", "Ferry 3"}
    two = row_of(engine, "two")
    assert "is an HTML page, not a feed" in two.failure
    assert (two.synced_at, two.tried_at) == (None, NOW)
    site.pages["/two"] = Page(rss(item(2)))
    assert all(not report.failure for report in sync(engine, settings, client=client, now=LATER))
    assert row_of(engine, "two").failure == ""


def test_a_fault_of_our_own_stops_no_other_source(engine: Engine, client: Client, site: Site) -> None:
    settings = settings_for(one={"kind": "feed", "url": f"{site.url}/feed"}, two={"kind": "feed", "url": f"{site.url}/feed"})
    sync(engine, settings, client=client, now=NOW)
    with engine.begin() as connection:
        connection.execute(update(SourceRow).where(SourceRow.name == "one").values(memory=["a memory no reader writes"]))
    one, two = sync(engine, settings, client=client, now=LATER)
    assert "nobody thought of (AttributeError)" in one.failure
    assert two.failure == ""
    assert (row_of(engine, "one").synced_at, row_of(engine, "two").synced_at) == (NOW, LATER)


def test_a_source_of_every_kind_fails_in_its_own_report(engine: Engine, client: Client, site: Site) -> None:
    settings = settings_for(
        export={"kind": "wxr", "file": "/nowhere/export.xml"},
        blog={"kind": "wordpress", "url": site.url},
        wiki={"kind": "feed", "url": "http://127.0.0.2/feed"},
        secret={"kind": "feed", "url": f"{site.url}/feed", "user": "ann", "password_file": "/nowhere/password"},
    )
    reports = sync(engine, settings, client=client, now=NOW)
    assert [(report.source, bool(report.failure), str(report).startswith(f"{report.source}: ")) for report in reports] == [
        (name, True, True) for name in ("export", "blog", "wiki", "secret")
    ]
    assert "allow_private" in reports[2].failure


def test_a_file_is_looked_for_beside_the_settings(engine: Engine, client: Client, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(rss(item(1)))
    settings = parse({"sources": {"demo": {"kind": "feed", "file": "feed.xml"}}}, folder=tmp_path)
    (report,) = sync(engine, settings, client=client, now=NOW)
    assert report.counts == Counts(new_articles=1)


def test_what_arrived_before_a_failure_is_kept(engine: Engine, client: Client, site: Site) -> None:
    """And is found again by the next sync, which still counts as the first."""
    settings = settings_for(harbour={"kind": "feed", "url": f"{site.url}/feed"})
    site.pages["/talk"] = Page(status=429, headers={"Retry-After": "60"})
    (report,) = sync(engine, settings, client=client, now=NOW)
    assert report.counts.new_articles == 2
    assert [problem.where for problem in report.problems] == [f"{site.url}/talk"]


def test_a_first_sync_s_backlog_counts_as_seen_when_it_was_published(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    sync(engine, settings, client=client, now=NOW)
    site.pages["/feed"] = Page(rss(item(1), item(2), item(3)))
    sync(engine, settings, client=client, now=LATER)
    with engine.begin() as connection:
        seen = dict(connection.execute(select(ArticleRow.title, ArticleRow.first_seen_at)).all())
    published = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert seen == {"Ferry 1": published, "Ferry 2": published, "Ferry 3": LATER}


def test_patience_asked_for_is_given(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    site.pages["/feed"] = Page(status=503, headers={"Retry-After": "3600"})
    (report,) = sync(engine, settings, client=client, now=NOW)
    assert (bool(report.failure), report.waits_until) == (True, NOW + timedelta(hours=1))
    (report,) = sync(engine, settings, client=client, now=LATER)
    assert report == Report(source="harbour", waits_until=NOW + timedelta(hours=1))
    assert len(site.asked) == 1
    site.pages["/feed"] = Page(rss(item(1)))
    (report,) = sync(engine, settings, client=client, now=NOW + timedelta(hours=1))
    assert report.counts.new_articles == 1
    assert row_of(engine).not_before is None


def test_a_source_that_is_gone_is_not_asked_again_unless_it_is_named_or_moved(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    site.pages["/feed"] = Page(status=410)
    for now in (NOW, LATER, NOW + timedelta(days=400)):
        (report,) = sync(engine, settings, client=client, now=now)
        assert "gone for good (410)" in report.failure
    assert len(site.asked) == 1
    sync(engine, settings, client=client, now=LATER, names=["harbour"])
    assert len(site.asked) == 2
    site.pages["/new"] = Page(rss(item(1)))
    (report,) = sync(engine, settings_for(harbour={"kind": "feed", "url": f"{site.url}/new"}), client=client, now=LATER)
    assert report.counts.new_articles == 1


def test_another_address_starts_with_an_empty_memory(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    for path in ("/feed", "/new"):
        site.pages[path] = conditional(Page(rss(item(1)), headers={"ETag": '"same"'}))
    sync(engine, settings, client=client, now=NOW)
    moved = settings_for(harbour={"kind": "feed", "url": f"{site.url}/new"})
    sync(engine, moved, client=client, now=LATER)
    assert [asked.headers.get("if-none-match") for asked in site.asked] == [None, None]
    assert row_of(engine).location == f"{site.url}/new"


def test_only_the_named_are_synced(engine: Engine, client: Client, site: Site) -> None:
    settings = settings_for(**{name: {"kind": "feed", "url": f"{site.url}/feed"} for name in ("one", "two", "three")})
    assert [report.source for report in sync(engine, settings, client=client, now=NOW, names=["three", "one"])] == ["one", "three"]
    with pytest.raises(SettingsError, match="no source “four”"):
        sync(engine, settings, client=client, now=NOW, names=["four"])


def test_it_is_told_how_far_it_is(engine: Engine, settings: Settings, client: Client) -> None:
    told: list[SyncEvent] = []
    (report,) = sync(engine, settings, client=client, now=NOW, report=told.append)
    assert told[0].event is None
    assert told[-1].event == report
    assert [one.event for one in told if isinstance(one.event, Progress)] == [
        Progress(done=2, total=2),
        Progress(done=1, total=1, unit="comment feeds"),
    ]
    assert str(report) == "harbour: articles 2 new, 0 changed, 0 withdrawn; comments 2 new, 0 changed, 0 removed; 0 problems"


def test_two_syncs_at_once_do_no_harm(engine: Engine, settings: Settings, site: Site) -> None:
    site.pages["/feed"] = Page(rss(item(1, f"<wfw:commentRss>{site.url}/talk</wfw:commentRss>"), *(item(number) for number in range(2, 40))))
    start = Barrier(3)
    reports: list[Report] = []

    def run() -> None:
        with Client(Fetch(allow_private=("127.0.0.1",)), pause_seconds=0) as client:
            start.wait()
            reports.extend(sync(engine, settings, client=client, now=NOW))

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.failure for report in reports] == ["", "", ""]
    articles, comments = stored(engine)
    assert (len(articles), len(comments)) == (39, 2)
    assert row_of(engine).synced_at == NOW


def ids(engine: Engine, table: type[ArticleRow] | type[CommentRow]) -> set[int]:
    with engine.begin() as connection:
        return set(connection.scalars(select(table.id)))


@pytest.mark.xdist_group("wordpress")
def test_what_is_gone_right_before_the_send_is_withdrawn(engine: Engine, harbour: Harbour, client: Client) -> None:
    settings = settings_for(paper={"kind": "wordpress", "url": harbour.site.url})
    (report,) = sync(engine, settings, client=client, now=harbour.now)
    assert report.failure == ""
    assert report.counts.new_articles and report.counts.new_comments
    assert rechecking(engine, settings, harbour.now)(ids(engine, ArticleRow), ids(engine, CommentRow)) == 0
    harbour.site.run("wp_trash_post($in['post']); wp_trash_comment($in['comment']);", post=harbour.posts["market"], comment=harbour.comments["first"])
    done = recheck_items(engine, settings, ids(engine, ArticleRow), ids(engine, CommentRow), client=client, now=harbour.now)
    assert done.warnings == ()
    assert done.withdrawn >= 2
    with engine.begin() as connection:
        states = dict(connection.execute(select(ArticleRow.key, ArticleRow.state)).all())
        comments = dict(connection.execute(select(CommentRow.key, CommentRow.state)).all())
    assert states[harbour.post("market")] is ArticleState.WITHDRAWN
    assert states[harbour.post("ferry")] is ArticleState.PUBLISHED
    assert comments[harbour.comment("first")] is CommentState.REMOVED


def test_a_site_that_cannot_be_asked_before_the_send_is_a_warning(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    sync(engine, settings, client=client, now=NOW)
    turned = settings_for(harbour={"kind": "wordpress", "url": site.url})
    done = recheck_items(engine, turned, ids(engine, ArticleRow), ids(engine, CommentRow), client=client, now=NOW)
    assert done.withdrawn == 0
    assert [warning.partition(":")[0] for warning in done.warnings] == ["harbour could not be asked again before the send"]
    assert rechecking(engine, turned, NOW)(ids(engine, ArticleRow), []) == 0


def test_feeds_are_not_asked_before_the_send(engine: Engine, settings: Settings, client: Client, site: Site) -> None:
    sync(engine, settings, client=client, now=NOW)
    asked = len(site.asked)
    assert recheck_items(engine, settings, ids(engine, ArticleRow), ids(engine, CommentRow), client=client, now=NOW).withdrawn == 0
    assert len(site.asked) == asked


@pytest.mark.xdist_group("wordpress")
def test_a_real_wordpress_read_by_its_feeds(engine: Engine, harbour: Harbour, client: Client) -> None:
    """What anybody sees there comes in: no locked, private, draft or planned post, no held comment."""
    settings = settings_for(paper={"kind": "feed", "url": f"{harbour.site.url}/?feed=rss2"})
    (report,) = sync(engine, settings, client=client, now=harbour.now)
    assert (report.failure, report.problems) == ("", ())
    with engine.begin() as connection:
        articles = {row.title: row for row in connection.execute(select(ArticleRow.__table__))}
        comments = {row.id: row for row in connection.execute(select(CommentRow.__table__))}
    assert articles.keys() >= {"Ferry & dock: the Heron returns", "Fish market opens at five", "Library hours – winter", "The storm of last spring"}
    assert not articles.keys() & {"For subscribers", "Protected: For subscribers", "Staff rota", "Not yet", "The light ship moves", "About us"}
    answers = {row.text: comments[row.parent_id].text for row in comments.values() if row.parent_id}
    assert answers["We should meet."] == "So did I!"
    assert answers["So did I!"].startswith("I took it in 1974 & it was late")
    assert not any("In reply to" in row.text for row in comments.values())
    assert all(row.state is CommentState.APPROVED for row in comments.values())
    assert "@" not in "".join(row.author_name for row in comments.values())
    (report,) = sync(engine, settings, client=client, now=harbour.now + timedelta(minutes=10))
    assert report.counts == Counts()
