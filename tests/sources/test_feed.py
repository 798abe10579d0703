import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.content.values import FoundArticle, Image, Role
from digest.errors import SourceError
from digest.settings import Source
from digest.sources.feed import parse_feed, parse_talk
from digest.sources.feed_values import Feed, Reading
from tests.sources.feeds import atom, item, remark, rss

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
URL = "https://harbour.example/feed/"
XML = "application/rss+xml; charset=UTF-8"


def reading(**more: object) -> Reading:
    source = Source.model_validate({"kind": "feed", "url": URL, "section": "Quay", "roles": {"ann": "staff"}, **more})
    return Reading(url=URL, source=source, now=NOW)


def read(body: bytes, content_type: str = XML) -> Feed:
    return parse_feed(body, content_type=content_type, reading=reading())


def only(body: bytes, content_type: str = XML) -> FoundArticle:
    (article,) = read(body, content_type).articles
    return article


WHOLE = """
<title>Ferry &amp;amp; tide: 5 &amp;lt; 6</title><link>/ferry</link><comments>https://harbour.example/ferry#respond</comments>
<dc:creator><![CDATA[Ann]]></dc:creator><pubDate>Fri, 20 Nov 2026 08:00:00 EST</pubDate>
<category><![CDATA[News]]></category><category>Boats</category><category>News</category>
<guid isPermaLink="false">https://harbour.example/?p=7</guid>
<description><![CDATA[<p>Short.</p>]]></description>
<content:encoded><![CDATA[<p>Long, with <a href="/x">a link</a> and a <script>alert(1)</script>.</p>]]></content:encoded>
<wfw:commentRss>https://harbour.example/ferry/feed/</wfw:commentRss><slash:comments>12</slash:comments>
<media:content url="/m.jpg" width="600" height="400" medium="image"><media:description>The ferry at dusk</media:description></media:content>
"""


def test_an_rss_item_is_read_whole() -> None:
    feed = read(rss(f"<item>{WHOLE}</item>"))
    (article,) = feed.articles
    assert article.key == "https://harbour.example/?p=7"
    assert article.title == "Ferry & tide: 5 < 6"
    assert article.url == "https://harbour.example/ferry"
    assert article.published_at == datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    assert (article.section, article.tags) == ("News", ("Boats",))
    assert article.author is not None
    assert (article.author.key, article.author.name, article.author.role) == ("ann", "Ann", Role.STAFF)
    assert article.excerpt == "<p>Short.</p>"
    assert article.body.startswith("<p>Long, with")
    assert article.image == Image(url="https://harbour.example/m.jpg", alt="The ferry at dusk", width=600, height=400)
    assert article.comment_count == 12
    assert article.comments_url == "https://harbour.example/ferry#respond"
    assert feed.talks == {article.key: "https://harbour.example/ferry/feed/"}
    assert feed.problems == ()


def test_an_atom_entry_is_read_whole() -> None:
    body = atom("""<entry xml:base="https://harbour.example/2026/"><id>tag:harbour.example,2026:1</id>
        <title type="html">Ferry &lt;b&gt;late&lt;/b&gt;</title>
        <link href="ferry"/><link rel="replies" type="application/atom+xml" href="ferry/talk.atom" thr:count="4"/>
        <link rel="replies" type="text/html" href="ferry#talk"/>
        <published>2026-11-19T10:00:00+01:00</published><updated>2026-11-20T10:00:00Z</updated>
        <author><name>Bob</name><email>bob@harbour.example</email></author><category term="k" label="Quays"/>
        <summary>5 &lt; 6</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It was <em>late</em>, and then later still.</p></div></content></entry>""")
    feed = read(body, "application/atom+xml")
    (article,) = feed.articles
    assert (article.key, article.title, article.url) == ("tag:harbour.example,2026:1", "Ferry late", "https://harbour.example/2026/ferry")
    assert article.published_at == datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    assert article.modified_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert article.author is not None
    assert (article.author.name, article.author.role) == ("Bob", Role.CONTRIBUTOR)
    assert article.section == "Quays"
    assert article.excerpt == "<p>5 &lt; 6</p>"
    assert "<em>late</em>" in article.body
    assert (article.comment_count, article.comments_url) == (4, "https://harbour.example/2026/ferry#talk")
    assert feed.talks == {article.key: "https://harbour.example/2026/ferry/talk.atom"}


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0"])
def test_old_rss_is_read(version: str) -> None:
    body = (
        f'<rss version="{version}"><channel><title>T</title><item><title>Ferry</title><link>https://harbour.example/1</link></item></channel></rss>'
    )
    assert only(body.encode()).key == "https://harbour.example/1"


def test_rdf_is_read() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="https://harbour.example/"><title>T</title></channel>
        <item rdf:about="https://harbour.example/1"><title>Ferry</title><link>https://harbour.example/1</link><dc:date>2026-11-20</dc:date></item></rdf:RDF>"""
    article = only(body)
    assert (article.title, article.published_at) == ("Ferry", datetime(2026, 11, 20, tzinfo=UTC))


def test_an_item_that_names_no_section_gets_the_source_s() -> None:
    assert only(rss(item(1))).section == "Quay"
    assert only(rss(item(1, "<category>Uncategorized</category>"))).section == "Quay"
    assert only(rss(item(1, "<category>uncategorized</category><category>Town</category>"))).section == "Town"


@pytest.mark.parametrize(
    ("element", "name"),
    [
        ("<author>ann@harbour.example (Ann Sea)</author>", "Ann Sea"),
        ("<author>Ann Sea &lt;ann@harbour.example&gt;</author>", "Ann Sea"),
        ("<dc:creator>Ann O&amp;#039;Sea</dc:creator>", "Ann O'Sea"),
        ("<author>ann@harbour.example</author>", None),
        ("<dc:creator>ann@harbour.example</dc:creator>", None),
        ("", None),
    ],
)
def test_an_author_is_a_name_and_never_an_address(element: str, name: str | None) -> None:
    author = only(rss(item(1, element))).author
    assert (author.name if author else None) == name


def test_an_item_without_a_title_is_called_by_its_first_words() -> None:
    words = "The ferry was late again today and nobody at the quay could say when it would come, or why."
    article = only(rss(f"<item><link>https://harbour.example/1</link><description>{words}</description></item>"))
    assert article.title == "The ferry was late again today and nobody at the quay could say when it would…"


@pytest.mark.parametrize("link", ["", "<link>javascript:alert(1)</link>", "<link>mailto:ann@harbour.example</link>", "<link>http://[</link>"])
def test_an_item_without_an_address_is_a_problem_and_the_rest_goes_on(link: str) -> None:
    feed = read(rss(f'<item><title>Lost</title>{link}<guid isPermaLink="false">x</guid></item>', item(2)))
    assert [article.title for article in feed.articles] == ["Ferry 2"]
    assert [problem.where for problem in feed.problems] == ["item 1"]


def test_the_first_of_two_items_with_one_key_counts() -> None:
    feed = read(rss(item(1), item(2), item(1, "<category>Second</category>")))
    assert [(article.title, article.section) for article in feed.articles] == [("Ferry 1", "Quay"), ("Ferry 2", "Quay")]


@pytest.mark.parametrize("date", ["", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", "1757170000"])
def test_an_item_without_a_usable_date_is_dated_when_it_is_first_seen(date: str) -> None:
    feed = read(rss(item(1, date=date)))
    assert feed.articles[0].published_at == NOW
    assert feed.undated == {"https://harbour.example/?p=1": NOW}


def test_and_keeps_that_date() -> None:
    earlier = datetime(2026, 11, 21, tzinfo=UTC)
    again = Reading(url=URL, source=reading().source, now=NOW, dates={"https://harbour.example/?p=1": earlier})
    feed = parse_feed(rss(item(1, date="")), content_type=XML, reading=again)
    assert feed.articles[0].published_at == earlier
    assert feed.undated == {"https://harbour.example/?p=1": earlier}


@pytest.mark.parametrize(
    ("elements", "url"),
    [
        ('<media:thumbnail url="/t.jpg" width="75"/><media:content url="/m.jpg" medium="image" width="600"/>', "/m.jpg"),
        ('<media:thumbnail url="/t.jpg"/><enclosure url="/e.jpg" type="image/jpeg" length="1"/>', "/e.jpg"),
        ('<itunes:image href="/i.jpg"/>', "/i.jpg"),
        ('<media:thumbnail url="/t.jpg"/>', "/t.jpg"),
        ('<media:content url="https://secure.gravatar.com/avatar/1" medium="image"/>', None),
        ('<enclosure url="/e.mp3" type="audio/mpeg" length="1"/>', None),
        ('<enclosure url="javascript:alert(1)" type="image/png" length="1"/>', None),
    ],
)
def test_the_best_picture_is_taken(elements: str, url: str | None) -> None:
    image = only(rss(item(1, elements))).image
    assert (image.url if image else None) == (url and f"https://harbour.example{url}")


@pytest.mark.parametrize(
    ("elements", "image"),
    [
        ("", Image(url="https://harbour.example/a.jpg", alt="Dusk", width=900, height=600)),
        ('<enclosure url="/a.jpg" type="image/jpeg" length="1"/>', Image(url="https://harbour.example/a.jpg", width=900, height=600)),
        ('<enclosure url="/e.jpg" type="image/jpeg" length="1"/>', Image(url="https://harbour.example/e.jpg")),
        (
            '<media:content url="/a.jpg" medium="image" width="300" height="200"/>',
            Image(url="https://harbour.example/a.jpg", width=300, height=200),
        ),
    ],
)
def test_pictures_of_the_text_lend_their_size_or_stand_in(elements: str, image: Image) -> None:
    html = '<p><img src="/a.jpg" alt="Dusk" width="900" height="600"/><img src="/b.jpg"/></p>'
    assert only(rss(item(1, f"<content:encoded><![CDATA[{html}]]></content:encoded>{elements}"))).image == image


def test_a_picture_s_caption_does_not_take_the_place_of_the_description() -> None:
    caption = '<media:content url="/m.jpg" medium="image"><media:description>A caption</media:description></media:content>'
    article = only(rss(item(1, caption + "<description>The description</description>")))
    assert "The description" in article.body
    assert "A caption" not in article.body + article.excerpt


@pytest.mark.parametrize(
    "mark",
    [
        '<content:encoded><![CDATA[<form><input name="post_password" type="password"></form>]]></content:encoded>',
        "<description>There is no excerpt because this is a protected post.</description>",
    ],
)
def test_a_protected_post_is_gone(mark: str) -> None:
    feed = read(rss(item(1, mark), item(2)))
    assert [article.title for article in feed.articles] == ["Ferry 2"]
    assert feed.gone == ("https://harbour.example/?p=1",)


def test_all_tombstones_count_unless_the_entry_is_there() -> None:
    entry = "<entry><id>tag:1</id><title>x</title><link href='https://harbour.example/1'/></entry>"
    tombs = "".join(f'<at:deleted-entry ref="tag:{number}" when="2026-11-20T00:00:00Z"/>' for number in (1, 2, 3))
    words = '<content type="html"><![CDATA[<at:deleted-entry ref="tag:9"/>]]></content>'
    quoted = f'<entry><id>tag:4</id><link href="https://harbour.example/4"/>{words}</entry>'
    assert read(atom(tombs, entry, quoted)).gone == ("tag:2", "tag:3")


def test_a_feed_without_items_is_a_feed() -> None:
    assert read(rss()).articles == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither RSS"),
        (b"Hello there.", "neither RSS"),
        (b"<html><body>No feed.</body></html>", "HTML page, not a feed, and names no feed"),
        (b"{", "begins like JSON"),
        (b'{"posts": []}', "no list of"),
        (b"\xef\xbb\xbf{}", "no list of"),
    ],
)
def test_what_is_no_feed_is_told_by_what_it_is(body: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        read(body, "text/html")


def test_a_page_s_own_feeds_are_named() -> None:
    page = b"""<!DOCTYPE html><html><head><LINK REL="alternate" type="application/rss+xml" title="&gt;" href="/feed/?a=1&amp;b=2">
        <link href='https://harbour.example/feed.json' rel='alternate' type='application/feed+json'>
        <link rel=alternate hreflang=de href=/de><link rel="stylesheet" type="text/css" href="/x.css"></head></html>"""
    with pytest.raises(SourceError) as caught:
        read(page)
    assert "names https://harbour.example/feed/?a=1&b=2 and https://harbour.example/feed.json: put that" in str(caught.value)


def test_a_body_that_spells_a_file_s_name_opens_no_file(tmp_path: Path) -> None:
    file = tmp_path / "secret.xml"
    file.write_bytes(rss(item(1)))
    with pytest.raises(SourceError, match="neither RSS"):
        read(str(file).encode())


def test_of_a_cut_off_feed_the_sound_items_are_read() -> None:
    whole = rss(item(1), item(2), item(3, "<description>The end of this is missing.</description>"))
    for end in range(whole.index(b"</item>", whole.index(b"Ferry 2")) + len("</item>"), whole.index(b"</item></channel>")):
        feed = read(whole[:end])
        assert [article.title for article in feed.articles] == ["Ferry 1", "Ferry 2"], whole[:end][-40:]
        assert [problem.what for problem in feed.problems] == ["The feed was cut off; the items before the cut were read."]


def test_undefined_entities_and_bare_ampersands_cost_nothing() -> None:
    body = rss(item(1, "<category>Fish &nbsp;& chips</category>"), item(2))
    feed = read(body)
    assert [article.section for article in feed.articles] == ["Fish & chips", "Quay"]
    assert feed.problems == ()


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "iso-8859-1", "application/xml; charset=utf-8"),
        ("cp1252", "utf-8", "application/xml"),
        ("iso-8859-1", "iso-8859-1", "application/xml"),
        ("utf-16", "utf-16", "application/xml"),
        ("utf-8", "utf-8", "text/xml; charset=no-such-charset"),
    ],
)
def test_a_charset_declared_wrongly_does_not_spoil_the_text(encoding: str, declared: str, content_type: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel>{item(1, "<category>Hafenmöwe</category>")}</channel></rss>'
    assert only(text.encode(encoding), content_type).section == "Hafenmöwe"


def test_entity_bombs_and_outside_entities_are_harmless(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    bomb = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE rss [<!ENTITY b0 "boom">{bomb}<!ENTITY file SYSTEM "{secret.as_uri()}">]>'
    body = f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel>{item(1, "<category>&b11;&file;</category>")}</channel></rss>'.encode()
    feed = read(body + b"<!-- deleted-entry -->")
    assert len(feed.articles) == 1
    assert len(str(feed)) < 10_000
    assert "s3cret" not in str(feed)


def test_a_comment_feed_is_threaded_by_wordpress_s_words() -> None:
    answer = remark(1, 9, 'Als Antwort auf <a href="https://harbour.example/ferry-1/comment-page-2/#comment-8">Ida</a>.\n\nSo was I.', by="Jon")
    talk = parse_talk(rss(answer, remark(1, 8)), content_type=XML, article_key="https://harbour.example/?p=1", reading=reading())
    second, first = talk.comments
    assert (first.key, first.parent_key, first.body) == ("https://harbour.example/?p=1#comment-8", "", "<p>I was there.</p>")
    assert (second.key, second.parent_key) == ("https://harbour.example/?p=1#comment-9", first.key)
    assert "So was I." in second.body
    assert "Antwort" not in second.body
    assert second.permalink == "https://harbour.example/ferry-1/#comment-9"
    assert (second.author_name, second.role) == ("Jon", Role.READER)
    assert (second.votes_up, second.votes_down) == (None, None)


def test_a_link_in_a_comment_s_own_words_makes_no_thread() -> None:
    words = (
        "In reply to what was said above by several people about this ferry, see <a href='https://harbour.example/ferry-1/#comment-8'>here</a> first."
    )
    (comment,) = parse_talk(rss(remark(1, 9, words)), content_type=XML, article_key="a", reading=reading()).comments
    assert comment.parent_key == ""
    assert "several people" in comment.body


def test_a_guest_does_not_become_staff_by_name() -> None:
    (comment,) = parse_talk(rss(remark(1, 9, by="Ann")), content_type=XML, article_key="a", reading=reading()).comments
    assert comment.role is Role.READER


def test_an_atom_comment_feed_is_threaded_by_its_references() -> None:
    def entry(number: int, answers: str) -> str:
        return (
            f"<entry><id>tag:c{number}</id><link href='https://harbour.example/1#c{number}'/><author><name>Ida</name><email>ida@harbour.example</email>"
            f"</author><updated>2026-11-2{number}T10:00:00Z</updated><content>Yes.</content><thr:in-reply-to ref='{answers}'/></entry>"
        )

    body = atom(entry(1, "tag:a"), entry(2, "tag:c1"), '<at:deleted-entry ref="tag:c0" when="2026-11-20T00:00:00Z"/>')
    talk = parse_talk(body, content_type="application/atom+xml", article_key="tag:a", reading=reading())
    assert [(comment.key, comment.parent_key) for comment in talk.comments] == [("tag:c1", ""), ("tag:c2", "tag:c1")]
    assert talk.gone == ("tag:c0",)
    assert "ida@" not in str(talk)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_random_bytes_are_a_feed_or_an_error(body: bytes) -> None:
    with contextlib.suppress(SourceError):
        read(body)


SAMPLES = [rss(f"<item>{WHOLE}</item>", item(2)), atom("<entry><id>1</id><link href='/1'/><content type='xhtml'><div>x</div></content></entry>")]


@given(
    st.sampled_from(SAMPLES),
    st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, 40), st.sampled_from([b"", b"<", b"&", b"\0", b"]]>", b"<item>", b"</", b"\xff", b'"'])),
        max_size=6,
    ),
    st.sampled_from([XML, "text/html", "application/xml; charset=utf-16", "", "text/plain; charset=\x00"]),
)
@settings(max_examples=150)
def test_a_mangled_feed_is_a_feed_or_an_error(body: bytes, cuts: list[tuple[int, int, bytes]], content_type: str) -> None:
    for start, length, instead in cuts:
        body = body[:start] + instead + body[start + length :]
    with contextlib.suppress(SourceError):
        feed = read(body, content_type)
        assert all(article.key and article.url.startswith(("http://", "https://")) for article in feed.articles)
    with contextlib.suppress(SourceError):
        parse_talk(body, content_type=content_type, article_key="a", reading=reading())
