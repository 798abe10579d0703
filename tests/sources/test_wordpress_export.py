"""One site read both ways, by its interface and from its own export, is one and the same in the store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from digest.content.tables import ArticleRow, AuthorRow, CommentRow
from digest.content.values import CommentState
from digest.settings import Settings, parse
from digest.sources.http import Client
from digest.sources.sync import sync
from tests.sources.wordpress_content import posts, remarks
from tests.sources.wordpress_reading import Harbour
from tests.sources.wordpress_site import WordPress

pytestmark = pytest.mark.xdist_group("wordpress")


@pytest.fixture
def plain_harbour(wordpress: WordPress, real_now: datetime) -> Harbour:
    """Without `:)`, which the site itself turns into a picture of a face: the export has it as it was typed."""
    said = [replace(remark, content=remark.content.replace(":)", "")) for remark in remarks(real_now)]
    numbers = wordpress.seed(posts(real_now), said, permalinks="/%year%/%postname%/")
    return Harbour(site=wordpress, now=real_now, posts=numbers["posts"], comments=numbers["comments"])


@pytest.fixture
def settings(plain_harbour: Harbour, tmp_path: Path) -> Settings:
    (tmp_path / "export.xml").write_text(plain_harbour.site.export())
    sources = {"live": {"kind": "wordpress", "url": plain_harbour.site.url}, "export": {"kind": "wxr", "file": "export.xml"}}
    return parse({"sources": sources}, folder=tmp_path)


def articles(engine: Engine, source: str) -> Iterator[tuple[object, ...]]:
    shown = (ArticleRow.key, ArticleRow.title, ArticleRow.url, ArticleRow.section, ArticleRow.text, ArticleRow.published_at, ArticleRow.state)
    more = (ArticleRow.modified_at, ArticleRow.image_url, ArticleRow.image_alt, AuthorRow.key, AuthorRow.name, AuthorRow.role)
    statement = select(*shown, *more).join(AuthorRow, ArticleRow.author_id == AuthorRow.id).where(ArticleRow.source == source)
    with engine.connect() as connection:
        yield from (tuple(row) for row in connection.execute(statement.order_by(ArticleRow.key)))


def comments(engine: Engine, source: str) -> Iterator[tuple[object, ...]]:
    shown = (CommentRow.key, ArticleRow.key, CommentRow.parent_key, CommentRow.author_name, CommentRow.text, CommentRow.posted_at)
    statement = select(*shown, CommentRow.role).join(ArticleRow, CommentRow.article_id == ArticleRow.id)
    approved = statement.where(CommentRow.source == source, CommentRow.state == CommentState.APPROVED)
    with engine.connect() as connection:
        yield from (tuple(row) for row in connection.execute(approved.order_by(CommentRow.key)))


def test_the_export_tells_the_same(engine: Engine, settings: Settings, client: Client, real_now: datetime) -> None:
    reports = sync(engine, settings, client=client, now=real_now)
    assert [report.failure for report in reports] == ["", ""]
    live, exported = list(articles(engine, "live")), list(articles(engine, "export"))
    assert len(live) == 5
    assert exported == live
    said, written = list(comments(engine, "live")), list(comments(engine, "export"))
    assert len(said) == 8
    assert written == said


def test_a_site_imported_from_its_export_is_kept_up_by_its_interface(
    engine: Engine, plain_harbour: Harbour, settings: Settings, client: Client, real_now: datetime
) -> None:
    """The archive comes in once by file, under the name of the source that goes on live."""
    by_file = settings.model_copy(update={"sources": {"live": settings.sources["export"]}})
    sync(engine, by_file, client=client, now=real_now)
    plain_harbour.site.run("wp_trash_comment($in['first']);", **plain_harbour.comments)
    (report,) = sync(engine, settings, client=client, now=real_now, names=["live"])
    assert (report.failure, report.counts.new_articles, report.counts.new_comments) == ("", 0, 0)
    assert report.counts.removed_comments >= 1
    assert plain_harbour.comment("first") not in {row[0] for row in comments(engine, "live")}
    assert plain_harbour.comment("answer") in {row[0] for row in comments(engine, "live")}
