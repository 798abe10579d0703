"""A WordPress is read a second time, after something changed there; and once more right before the send."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.content.values import CommentState
from digest.sources.http import Client
from digest.sources.values import Known
from digest.sources.wordpress import read_wordpress
from tests.sources.wordpress_content import Post, Remark
from tests.sources.wordpress_reading import Harbour, collect
from tests.sources.wordpress_site import WordPress

pytestmark = pytest.mark.xdist_group("wordpress")

SIGNED_IN = pytest.mark.parametrize("signed_in", [False, True], ids=["anyone", "signed-in"])


def test_a_second_reading_asks_only_for_what_changed(harbour: Harbour, client: Client) -> None:
    first = harbour.read(client)
    # The newest post is asked for again: what is edited twice within a second shows one time of change.
    second = harbour.read(client, since=first)
    assert set(second.articles) == {harbour.post("ferry")}
    assert second.comments == first.comments
    assert not second.gone_articles | second.gone_comments
    assert second.memory == first.memory


def test_an_edited_post_comes_again(harbour: Harbour, client: Client) -> None:
    first = harbour.read(client)
    harbour.site.run("wp_update_post(['ID' => $in['id'], 'post_title' => 'Fish market opens at six']);", id=harbour.posts["market"])
    second = harbour.read(client, since=first)
    assert second.articles[harbour.post("market")].title == "Fish market opens at six"
    assert not second.gone_articles


HIDE = """
wp_trash_post($in['ferry']);
wp_delete_post($in['market'], true);
wp_update_post(['ID' => $in['library'], 'post_status' => 'draft']);
wp_update_post(['ID' => $in['маяк'], 'post_status' => 'private']);
wp_update_post(['ID' => $in['old'], 'post_password' => 'new-lock']);
"""


@SIGNED_IN
def test_posts_that_are_hidden_are_gone_with_their_comments(harbour: Harbour, client: Client, signed_in: bool) -> None:
    password = harbour.site.password if signed_in else ""
    first = harbour.read(client, password=password)
    harbour.site.run(HIDE, **harbour.posts)
    checked = harbour.recheck(client, first, password=password)
    second = harbour.read(client, password=password, since=first)
    assert second.gone_articles == set(checked.articles) == {harbour.post(slug) for slug in ("ferry", "market", "library", "маяк", "old")}
    assert second.gone_comments == set(checked.comments) == first.comments.keys()
    assert not second.articles
    assert not second.comments


def test_a_post_from_before_the_window_goes_too(harbour: Harbour, client: Client) -> None:
    first = harbour.read(client)
    known = first.known()
    window = Known(articles={key: at for key, at in known.articles.items() if key != harbour.post("old")}, comments=known.comments, first=False)
    harbour.site.run("wp_trash_post($in['id']);", id=harbour.posts["old"])
    second = collect(read_wordpress(harbour.source(), password="", client=client, memory=first.memory, known=window, now=harbour.now))
    assert second.gone_articles == {harbour.post("old")}
    assert second.gone_comments == {harbour.comment("archive")}


def test_a_post_that_comes_back_arrives_again(harbour: Harbour, client: Client) -> None:
    first = harbour.read(client)
    first.articles.pop(harbour.post("library"))  # as if it had been hidden then; unlocking by program leaves its time of change alone
    assert harbour.post("library") in harbour.read(client, since=first).articles


@SIGNED_IN
def test_comments_that_are_held_or_removed(harbour: Harbour, client: Client, signed_in: bool) -> None:
    password = harbour.site.password if signed_in else ""
    first = harbour.read(client, password=password)
    changes = """
        wp_set_comment_status($in['first'], 'hold');
        wp_set_comment_status($in['answer'], 'trash');
        wp_set_comment_status($in['deep'], 'spam');
        wp_delete_comment($in['writer'], true);
    """
    harbour.site.run(changes, **harbour.comments)
    checked = harbour.recheck(client, first, password=password)
    second = harbour.read(client, password=password, since=first)
    held, gone = {harbour.comment("first")}, {harbour.comment(name) for name in ("answer", "deep", "writer")}
    if signed_in:
        assert second.comments[harbour.comment("first")].state is CommentState.HELD
        assert set(checked.held) == {harbour.comment("first"), harbour.comment("held")}
        assert second.gone_comments == set(checked.comments) == gone
    else:
        assert second.gone_comments == set(checked.comments) == gone | held
        assert not checked.held
    assert not gone & set(second.comments)
    assert not second.gone_articles


@SIGNED_IN
def test_an_old_held_comment_is_approved(harbour: Harbour, client: Client, signed_in: bool) -> None:
    password = harbour.site.password if signed_in else ""
    first = harbour.read(client, password=password)
    harbour.site.run("wp_set_comment_status($in['id'], 'approve');", id=harbour.comments["held"])
    second = harbour.read(client, password=password, since=first)
    assert second.comments[harbour.comment("held")].state is CommentState.APPROVED
    assert second.comments[harbour.comment("orphan")].parent_key == harbour.comment("held")


def test_a_new_comment_arrives(harbour: Harbour, client: Client) -> None:
    first = harbour.read(client)
    add = "return wp_insert_comment(['comment_post_ID' => $in['id'], 'comment_content' => 'Just now.', 'comment_approved' => 1]);"
    number = harbour.site.run(add, id=harbour.posts["market"])
    second = harbour.read(client, since=first)
    assert second.comments.keys() - first.comments.keys() == {str(number)}
    assert second.comments[str(number)].article_key == harbour.post("market")


def test_an_edited_comment_has_its_new_text(harbour: Harbour, client: Client) -> None:
    first = harbour.read(client)
    harbour.site.run("wp_update_comment(['comment_ID' => $in['id'], 'comment_content' => 'In 1975, I mean.']);", id=harbour.comments["first"])
    assert harbour.read(client, since=first).comments[harbour.comment("first")].body.strip() == "<p>In 1975, I mean.</p>"


GO_LIVE = """
$gmt = $in['at'];
$wpdb = $GLOBALS['wpdb'];
$wpdb->update($wpdb->posts, ['post_date_gmt' => $gmt, 'post_date' => get_date_from_gmt($gmt)], ['ID' => $in['id']]);
clean_post_cache($in['id']);
wp_publish_post($in['id']);
"""


@pytest.mark.parametrize("late", [timedelta(minutes=1), timedelta(hours=30)], ids=["on time", "long after its time"])
def test_a_planned_post_goes_live(harbour: Harbour, client: Client, late: timedelta) -> None:
    first = harbour.read(client)
    assert harbour.post("planned") not in first.articles
    planned = harbour.now - late
    harbour.site.run(GO_LIVE, id=harbour.posts["planned"], at=f"{planned:%Y-%m-%d %H:%M:%S}")
    assert harbour.read(client, since=first).articles[harbour.post("planned")].published_at == planned


def test_a_change_in_the_hour_that_clocks_go_through_twice(wordpress: WordPress, client: Client) -> None:
    """In New York 2 November 2025 had the local time 01:10 at 05:10 and at 06:10 GMT."""
    now = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
    numbers = wordpress.seed([Post(slug=slug, title=slug, at=now - timedelta(days=days)) for days, slug in enumerate(("quay", "lock"), 1)], [])
    harbour = Harbour(site=wordpress, now=now, posts=numbers["posts"], comments={})
    touch = """
        $wpdb = $GLOBALS['wpdb'];
        $wpdb->update($wpdb->posts, ['post_modified_gmt' => $in['at'], 'post_modified' => get_date_from_gmt($in['at'])], ['ID' => $in['id']]);
    """
    wordpress.run(touch, id=harbour.posts["quay"], at="2025-11-02 05:45:00")
    first = harbour.read(client)
    wordpress.run(touch, id=harbour.posts["lock"], at="2025-11-02 06:10:00")
    assert harbour.post("lock") in harbour.read(client, since=first).articles


def test_a_time_of_change_in_the_future_hides_no_later_edit(harbour: Harbour, client: Client) -> None:
    future = f"{harbour.now + timedelta(days=9):%Y-%m-%d %H:%M:%S}"
    touch = "$GLOBALS['wpdb']->update($GLOBALS['wpdb']->posts, ['post_modified_gmt' => $in['at']], ['ID' => $in['id']]);"
    harbour.site.run(touch, id=harbour.posts["ferry"], at=future)
    first = harbour.read(client)
    harbour.site.run("wp_update_post(['ID' => $in['id'], 'post_title' => 'Changed']);", id=harbour.posts["market"])
    assert harbour.read(client, since=first).articles[harbour.post("market")].title == "Changed"


def test_comments_from_before_the_window_are_gone_only_when_they_are(wordpress: WordPress, client: Client, real_now: datetime) -> None:
    post = Post(slug="quay", title="Quay", at=real_now - timedelta(days=3))
    said = [Remark(name=name, on="quay", at=real_now - timedelta(hours=40), content="Said.") for name in ("stays", "goes")]
    numbers = wordpress.seed([post], said)
    harbour = Harbour(site=wordpress, now=real_now, posts=numbers["posts"], comments=numbers["comments"])
    first = harbour.read(client)
    wordpress.run("wp_trash_comment($in['id']);", id=harbour.comments["goes"])
    assert harbour.read(client, since=first, window_days=1).gone_comments == {harbour.comment("goes")}


def test_before_the_send_all_is_still_there(harbour: Harbour, client: Client) -> None:
    vanished = harbour.recheck(client, harbour.read(client))
    assert not vanished.articles + vanished.comments + vanished.held
