"""A real WordPress is read: what may be mailed arrives, nothing else does."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import md5
from zoneinfo import ZoneInfo

import pytest

from digest.content.values import CommentState, Role
from digest.sources.http import Client
from tests.sources.wordpress_content import Post, Remark, posts, remarks
from tests.sources.wordpress_reading import Harbour, Reading
from tests.sources.wordpress_site import WordPress

pytestmark = pytest.mark.xdist_group("wordpress")

APPROVED = ["first", "answer", "deep", "writer", "orphan", "script", "control", "archive"]
OPEN = ["ferry", "market", "library", "маяк", "old"]
PLAIN, PRETTY = "", "/%year%/%monthnum%/%postname%/"


@pytest.fixture(params=[PLAIN, PRETTY], ids=["plain", "pretty"])
def either(request: pytest.FixtureRequest, wordpress: WordPress, real_now: datetime) -> Harbour:
    """The harbour paper with its addresses written either way."""
    numbers = wordpress.seed(posts(real_now), remarks(real_now), permalinks=request.param)
    return Harbour(site=wordpress, now=real_now, posts=numbers["posts"], comments=numbers["comments"])


def keys(harbour: Harbour, *names: str) -> set[str]:
    return {harbour.comment(name) for name in names}


def texts(reading: Reading) -> str:
    return repr([reading.articles, reading.comments, reading.problems, reading.memory])


def test_anyone_gets_what_is_published(either: Harbour, client: Client) -> None:
    reading = either.read(client)
    assert set(reading.articles) == {either.post(slug) for slug in OPEN}
    assert set(reading.comments) == keys(either, *APPROVED)
    assert all(comment.state is CommentState.APPROVED for comment in reading.comments.values())
    assert not reading.problems


def test_addresses_are_taken_as_they_are(either: Harbour, client: Client) -> None:
    article = either.read(client).articles[either.post("маяк")]
    named = f"{article.published_at.astimezone(ZoneInfo('America/New_York')):%Y/%m}/%d0%bc%d0%b0%d1%8f%d0%ba/"
    assert article.url in {f"{either.site.url}/?p={article.key}", f"{either.site.url}/{named}"}


def test_the_password_adds_held_comments_as_held(either: Harbour, client: Client) -> None:
    reading = either.read(client, password=either.site.password)
    assert set(reading.articles) == {either.post(slug) for slug in OPEN}
    assert set(reading.comments) == keys(either, *APPROVED, "held")
    assert {key for key, comment in reading.comments.items() if comment.state is CommentState.HELD} == keys(either, "held")
    assert not reading.problems


@pytest.mark.parametrize("signed_in", [False, True])
def test_nothing_private_gets_out(harbour: Harbour, client: Client, signed_in: bool) -> None:
    everything = texts(harbour.read(client, password=harbour.site.password if signed_in else ""))
    closed = ["locked words", "private words", "draft words", "planned words", "no article", "open-sesame", "For subscribers", "Staff rota"]
    unapproved = ["spam words", "binned words", "ping words", "note words", "under lock", "in private", "on a page"]
    addresses = ["walker@readers.example", "tilda@readers.example", "olga@harbour.example"]
    hashes = [md5(address.encode()).hexdigest() for address in addresses]
    for secret in [*closed, *unapproved, *addresses, *hashes, "gravatar", "203.0.113.77", harbour.site.password]:
        assert secret not in everything
    assert ("The held words" in everything) is signed_in


def test_an_article_as_its_site_shows_it(harbour: Harbour, client: Client) -> None:
    article = harbour.read(client).articles[harbour.post("ferry")]
    assert article.title == "Ferry & dock: the Heron returns"
    assert article.section == "Arts & Culture"
    assert article.tags == ("ferries", "R&D")
    assert article.published_at == article.modified_at == harbour.now - timedelta(days=1)
    assert article.excerpt.strip() == "<p>The old ferry sails again.</p>"
    assert "<p>The Heron is back on the “north” line.</p>" in article.body
    assert article.author
    assert (article.author.key, article.author.name, article.author.role) == ("tilda", "Tilda Marsh & Daughters", Role.CONTRIBUTOR)
    assert article.image
    assert (article.image.alt, article.image.width, article.image.height) == ("The Heron at its berth", 1200, 800)
    assert article.image.url.endswith("/2026/11/heron.jpg")
    assert article.url == f"{harbour.site.url}/?p={harbour.post('ferry')}"


def test_threads_keep_their_shape(harbour: Harbour, client: Client) -> None:
    comments = harbour.read(client).comments
    parents = {name: comments[harbour.comment(name)].parent_key for name in ("first", "answer", "deep", "writer", "orphan")}
    first, answer, held = (harbour.comment(name) for name in ("first", "answer", "held"))
    assert parents == {"first": "", "answer": first, "deep": answer, "writer": first, "orphan": held}


def test_names_and_hostile_texts_of_comments(harbour: Harbour, client: Client) -> None:
    comments = harbour.read(client).comments
    assert comments[harbour.comment("orphan")].author_name == "Jo & Co."
    assert "<script>" in comments[harbour.comment("script")].body  # as stored at the site: our own store sanitises
    assert comments[harbour.comment("control")].body.strip() == "<p>Bellbuoy and  fog.</p>"


def test_who_is_who(harbour: Harbour, client: Client) -> None:
    comments = harbour.read(client, roles={"olga": "moderator", "Quay Walker": "staff", "Pim": "staff"}).comments
    known = {
        name: (comments[harbour.comment(name)].author_key, comments[harbour.comment(name)].role) for name in ("first", "answer", "writer", "script")
    }
    assert known["first"] == ("", Role.READER)  # a guest who types a name that has a role
    assert known["answer"][0].startswith("user-")
    assert known["answer"][1] is Role.STAFF
    assert known["writer"] == ("tilda", Role.CONTRIBUTOR)
    assert known["script"] == ("olga", Role.MODERATOR)


def test_the_password_changes_nobodys_key(harbour: Harbour, client: Client) -> None:
    anyone, signed_in = harbour.read(client), harbour.read(client, password=harbour.site.password)
    assert anyone.articles == signed_in.articles
    assert anyone.comments == {key: signed_in.comments[key] for key in anyone.comments}


def test_a_wrong_password_is_told_and_the_site_read_as_anyone(harbour: Harbour, client: Client) -> None:
    wrong, anyone = harbour.read(client, password="abcd efgh ijkl mnop"), harbour.read(client)
    assert "not accepted" in wrong.problems[0].what
    assert (wrong.articles, wrong.comments) == (anyone.articles, anyone.comments)


def test_a_password_with_blanks_is_the_same(harbour: Harbour, client: Client) -> None:
    password = harbour.site.password
    assert not harbour.read(client, password=" ".join(password[start : start + 4] for start in range(0, 24, 4))).problems


def test_a_password_of_a_mere_reader_is_told(harbour: Harbour, client: Client) -> None:
    make = "return WP_Application_Passwords::create_new_application_password(get_user_by('login', 'pim')->ID, ['name' => uniqid()])[0];"
    reading = harbour.read(client, password=harbour.site.run(make), user="pim")
    assert "may not see held comments" in reading.problems[0].what
    assert set(reading.comments) == keys(harbour, *APPROVED)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", ""])
def test_the_window_is_not_shifted_by_the_sites_time_zone(wordpress: WordPress, client: Client, real_now: datetime, zone: str) -> None:
    post = Post(slug="quay", title="Quay", at=real_now - timedelta(days=3))
    said = [Remark(name=str(hours), on="quay", at=real_now - timedelta(hours=hours), content="Said.") for hours in (1, 23, 25)]
    numbers = wordpress.seed([post], said, zone=zone)
    harbour = Harbour(site=wordpress, now=real_now, posts=numbers["posts"], comments=numbers["comments"])
    reading = harbour.read(client, window_days=1)
    assert set(reading.comments) == keys(harbour, "1", "23")
    assert {comment.posted_at for comment in reading.comments.values()} == {said[0].at, said[1].at}


def test_pages_that_come_short_or_empty_do_not_end_the_list(wordpress: WordPress, client: Client, real_now: datetime) -> None:
    open_post = Post(slug="open", title="Open", at=real_now - timedelta(days=2))
    closed = replace(open_post, slug="closed", status="private")
    where = ["open"] * 100 + ["closed"] * 100 + ["open"] * 50 + ["closed"] * 20 + ["open"] * 40
    said = [Remark(name=str(place), on=slug, at=real_now - timedelta(hours=5), content="Said.") for place, slug in enumerate(where)]
    numbers = wordpress.seed([open_post, closed], said)
    harbour = Harbour(site=wordpress, now=real_now, posts=numbers["posts"], comments=numbers["comments"])
    for password in ("", wordpress.password):
        reading = harbour.read(client, password=password)
        assert set(reading.comments) == {harbour.comment(str(place)) for place, slug in enumerate(where) if slug == "open"}
        assert [one.total for one in reading.progress if one.unit == "pages of comments"] == [4] * 4


def test_many_posts_come_in_several_pages(wordpress: WordPress, client: Client, real_now: datetime) -> None:
    many = [Post(slug=f"post-{place}", title=f"Post {place}", at=real_now - timedelta(hours=place + 1)) for place in range(105)]
    numbers = wordpress.seed(many, [])
    reading = Harbour(site=wordpress, now=real_now, posts=numbers["posts"], comments={}).read(client)
    assert {article.title for article in reading.articles.values()} == {post.title for post in many}
    assert [(one.done, one.total) for one in reading.progress if one.unit == "posts"] == [(50, 105), (100, 105), (105, 105)]
