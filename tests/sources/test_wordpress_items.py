"""Whatever stands in the JSON, an item is a value or a problem."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.content.values import FoundArticle, FoundAuthor, FoundComment, Role
from digest.settings import Source
from digest.sources.values import Problem
from digest.sources.wordpress_items import Listed, is_public, read_article, read_comment, read_listed, read_standing, read_writer
from tests.sources.wordpress_json import comment, post

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SOURCE = Source(kind="wordpress", section="News")

NAMES = ["id", "name", "slug", "taxonomy", "rendered", "protected", "source_url", "media_details", "sizes", "width", "height", "author", "wp:term"]
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["category", "publish", "http://[", "https://x.example/"])
ANYTHING = st.recursive(
    PLAIN | st.text(), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5), max_leaves=12
)
POST = st.dictionaries(st.sampled_from([*post(1), "_embedded"]), ANYTHING, max_size=4).map(lambda differences: post(1, **differences))
COMMENT = st.dictionaries(st.sampled_from(list(comment(1))), ANYTHING, max_size=4).map(lambda differences: comment(1, **differences))


@given(ANYTHING | POST)
def test_any_post(item: object) -> None:
    assert isinstance(read_listed(item), Listed | Problem)
    found = read_article(item, SOURCE, NOW)
    assert isinstance(found, FoundArticle | Problem)
    assert is_public(item) or isinstance(found, Problem)
    if isinstance(found, FoundArticle):
        assert found.key.isdigit()
        assert found.url.startswith(("http://", "https://"))
        assert found.published_at.utcoffset() == timedelta(0)
        assert found.published_at <= NOW + timedelta(days=2)
        assert found.section
        assert found.image is None or found.image.url.startswith(("http://", "https://"))


@given(ANYTHING | COMMENT)
def test_any_comment(item: object) -> None:
    found = read_comment(item, SOURCE, {7: FoundAuthor(key="tilda", name="Tilda")}, NOW)
    assert (found is None) is (read_standing(item) is None)
    assert isinstance(found, FoundComment | Problem | None)
    if isinstance(found, FoundComment):
        assert found.key.isdigit()
        assert found.article_key.isdigit()
        assert found.parent_key == "" or found.parent_key.isdigit()
        assert found.posted_at.utcoffset() == timedelta(0)


@given(ANYTHING)
def test_any_user(item: object) -> None:
    writer = read_writer(item, SOURCE)
    assert writer is None or (writer.key and writer.name)


def article(**differences: object) -> FoundArticle:
    found = read_article(post(1, **differences), SOURCE, NOW)
    assert isinstance(found, FoundArticle)
    return found


def test_only_what_is_outright_public() -> None:
    for content in ({"rendered": "Words.", "protected": True}, {"rendered": "Words."}, {"rendered": "Words.", "protected": 0}, None):
        assert isinstance(read_article(post(1, content=content), SOURCE, NOW), Problem)
    for status in ("draft", "private", "future", "trash", None):
        assert isinstance(read_article(post(1, status=status), SOURCE, NOW), Problem)


def test_only_comments_that_are_some() -> None:
    for differences in (
        {"type": "pingback"},
        {"type": "note"},
        {"type": ""},
        {"status": "spam"},
        {"status": "trash"},
        {"status": ["hold"]},
        {"post": 0},
    ):
        assert read_comment(comment(1, **differences), SOURCE, {}, NOW) is None


def test_titles_are_decoded_once() -> None:
    assert (
        article(title={"rendered": "Fish &amp;amp; chips &lt;3: “the quay” <em>reopens</em> 🎣"}).title
        == "Fish &amp; chips <3: “the quay” reopens 🎣"
    )


def test_terms_by_their_taxonomy() -> None:
    terms = [
        [{"taxonomy": "category", "name": "Arts &amp; Culture"}, {"taxonomy": "category", "name": "Town"}],
        [{"taxonomy": "post_tag", "name": "R&amp;D"}, {"taxonomy": "post_tag", "name": "R&amp;D"}, {"taxonomy": "series", "name": "Spring"}],
    ]
    found = article(_embedded={"wp:term": terms})
    assert (found.section, found.tags) == ("Arts & Culture", ("R&D",))
    assert article().section == "News"


def test_uncategorized_is_no_section() -> None:
    def filed(*names: tuple[str, str]) -> str:
        return article(_embedded={"wp:term": [[{"taxonomy": "category", "name": name, "slug": slug} for name, slug in names]]}).section

    assert filed(("Uncategorized", "uncategorized")) == "News"
    assert filed(("Non classé", "non-classe"), ("Town", "town")) == "Town"
    assert filed(("Harbour", "uncategorized")) == "Harbour"  # renamed, and a real section since
    assert filed(("uncategorized", "x")) == "News"


def test_an_excerpt_that_wordpress_made_is_no_excerpt() -> None:
    assert article(excerpt={"rendered": "<p>The first words of it [&hellip;]</p>\n"}).excerpt == ""
    assert article(excerpt={"rendered": "<p>Written by hand.</p>\n"}).excerpt == "<p>Written by hand.</p>\n"


def picture(width: int, height: int) -> dict[str, object]:
    return {"source_url": f"/files/{width}x{height}.jpg", "width": width, "height": height}


def test_the_picture_is_no_bigger_than_a_mail_needs() -> None:
    sizes = {"medium": picture(300, 200), "square": picture(1200, 1200), "large": picture(1024, 683), "2048": picture(2048, 1365), "broken": 5}
    media = {**picture(6000, 4000), "alt_text": " A\nheron ", "media_details": {"width": 6000, "height": 4000, "sizes": sizes}}
    image = article(_embedded={"wp:featuredmedia": [media]}).image
    assert image
    assert (image.url, image.alt, image.width, image.height) == ("https://harbour.example/files/1024x683.jpg", "A heron", 1024, 683)

    alone = article(_embedded={"wp:featuredmedia": [{**media, "media_details": []}]}).image
    assert alone
    assert (alone.url, alone.width) == ("https://harbour.example/files/6000x4000.jpg", 0)
    assert article(_embedded={"wp:featuredmedia": [{"code": "rest_forbidden"}]}).image is None


def test_users_without_a_slug_have_their_number() -> None:
    writer = read_writer({"id": 7, "name": "Jo &amp; Co.", "slug": None}, SOURCE)
    assert writer == FoundAuthor(key="user-7", name="Jo & Co.", role=Role.CONTRIBUTOR)
