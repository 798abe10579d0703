"""An export file of WordPress: what is public comes in, what is broken costs only itself, and no size is too large."""

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from digest.content.gather import gather_items
from digest.content.sanitise import sanitise_article
from digest.content.store import save_articles, save_comments
from digest.content.text import plain_text
from digest.content.values import FoundArticle, FoundAuthor, FoundComment, Image, Role
from digest.errors import SourceError
from digest.settings import Source
from digest.sources.values import Arrived, Event, Known, Problem, Progress, Remember, Vanished
from digest.sources.wxr import read_wxr
from digest.sources.wxr_parse import Parser, find_root
from digest.sources.wxr_pieces import read_pieces
from tests.sources.export_file import END, cdata, export, meta, post, remark

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
KNOWN = Known(articles={}, comments={}, first=False)
SOURCE = Source(kind="wxr", file="export.xml", section="Elsewhere", roles={"Wanda Reed": "moderator", "editor7": "staff"})


@dataclass(frozen=True, slots=True)
class Read:
    events: list[Event]

    def all(self, kind: type[Any], name: str) -> list[Any]:
        return [item for event in self.events if isinstance(event, kind) for item in getattr(event, name)]

    @property
    def articles(self) -> list[FoundArticle]:
        return self.all(Arrived, "articles")

    @property
    def comments(self) -> list[FoundComment]:
        return self.all(Arrived, "comments")

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(event.where, event.what) for event in self.events if isinstance(event, Problem)]

    @property
    def memory(self) -> Any:
        (remember,) = (event for event in self.events if isinstance(event, Remember))
        return remember.memory


Reader = Callable[..., Read]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def reader(text: str | bytes, *, source: Source = SOURCE, memory: Any = None) -> Read:
        path = tmp_path / "export.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Read(list(read_wxr(path, source=source, memory=memory or {}, known=KNOWN, now=NOW)))

    return reader


def category(name: str, domain: str = "category") -> str:
    return f'<category domain="{domain}" nicename="x">{cdata(name)}</category>\n'


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_post_is_read_whole(read: Reader) -> None:
    item = post(
        12,
        category("Arts &amp; Culture"),
        category("Fish &amp; chips", "post_tag"),
        category("sea", "post_tag"),
        title="Tea &amp; <em>biscuits</em>\non the quay",
        content="First.\nStill first.\n\nSecond.",
        post_modified_gmt="2026-11-20 10:00:00",
    )
    (article,) = read(export(item)).articles
    assert article == FoundArticle(
        key="12",
        title="Tea & biscuits on the quay",
        url="https://paper.example/12/",
        published_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
        modified_at=datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        section="Arts & Culture",
        tags=("Fish & chips", "sea"),
        author=FoundAuthor(key="tmarsh", name="Tilda Marsh", role=Role.CONTRIBUTOR),
        body="<p>First.<br>\nStill first.</p>\n<p>Second.</p>",
        comments_url="https://paper.example/12/#comments",
    )


def test_a_comment_is_read_whole_and_without_its_address(read: Reader) -> None:
    votes = meta("commentmeta", cld_like_count="5", cld_dislike_count="1", featured="1")
    result = read(export(post(12, remark(3), remark(4, votes, parent="3", user_id="7", author="Tilda &amp; Co.", content="A.\n\nB <b>c</b>"))))
    first, second = result.comments
    assert (first.author_name, first.author_key, first.parent_key, first.votes_up, first.featured) == ("Pim", "", "", None, False)
    assert second == FoundComment(
        key="4",
        article_key="12",
        parent_key="3",
        author_name="Tilda & Co.",
        author_key="tmarsh",
        role=Role.CONTRIBUTOR,
        body="<p>A.</p>\n<p>B <b>c</b></p>",
        posted_at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
        permalink="https://paper.example/12/#comment-4",
        votes_up=5,
        votes_down=1,
        featured=True,
    )
    assert "mail.example" not in repr(result.events)
    assert "192.0.2.44" not in repr(result.events)


def test_only_public_posts_come_in_and_the_rest_is_told(read: Reader) -> None:
    hidden = [post(number, remark(number * 10), status=status) for number, status in enumerate(("draft", "private", "future", "trash", "pending"), 2)]
    protected = post(8, remark(80), post_password="open")
    others = [post(9, remark(90), post_type="page"), post(10, post_type="attachment"), post(11, post_type="nav_menu_item")]
    result = read(export(post(1), *hidden, protected, *others))
    assert [article.key for article in result.articles] == ["1"]
    assert result.comments == []
    assert result.all(Vanished, "articles") == ["2", "3", "4", "5", "6", "8"]
    assert result.all(Vanished, "comments") == []


def test_only_approved_comments_come_in_and_the_rest_is_told(read: Reader) -> None:
    comments = [
        remark(1),
        remark(2, type=""),
        remark(3, approved="0"),
        remark(4, approved="trash"),
        remark(5, approved="post-trashed"),
        remark(6, approved="spam"),
        *(remark(number, type=kind) for number, kind in enumerate(("pingback", "trackback", "note", "review"), 7)),
        remark(11, parent="999"),
    ]
    result = read(export(post(1, *comments)))
    assert [(comment.key, comment.parent_key) for comment in result.comments] == [("1", ""), ("2", ""), ("11", "999")]
    assert result.all(Vanished, "held") == ["3"]
    assert result.all(Vanished, "comments") == ["4", "5", "6"]
    assert result.problems == []


def test_roles_are_for_the_sites_own_people_only(read: Reader) -> None:
    authors = (("editor7", "3", "E. Ditor"), ("tmarsh", "7", "Tilda Marsh"))
    comments = [
        remark(1, author="Wanda Reed"),
        remark(2, author="Wanda Reed", user_id="9"),
        remark(3, author="E. Ditor", user_id="3"),
        remark(4, author="Somebody", user_id="11"),
    ]
    result = read(export(post(1, *comments), authors=authors))
    assert [(comment.author_key, comment.role) for comment in result.comments] == [
        ("", Role.READER),
        ("user-9", Role.MODERATOR),
        ("editor7", Role.STAFF),
        ("user-11", Role.READER),
    ]


@pytest.mark.parametrize(
    ("login", "authors", "expected"),
    [
        (
            "t.m@mail.example",
            [("t.m@mail.example", "7", "Tilda")],
            FoundAuthor(key="t-mmail-example", name="Tilda", role=Role.CONTRIBUTOR),
        ),
        ("t.m@mail.example", [], FoundAuthor(key="t-mmail-example", name="t…", role=Role.CONTRIBUTOR)),
        ("editor7", [], FoundAuthor(key="editor7", name="editor7", role=Role.STAFF)),
        ("tmarsh", [("tmarsh", "7", "")], FoundAuthor(key="tmarsh", name="tmarsh", role=Role.CONTRIBUTOR)),
        ("tmarsh", [("tmarsh", "7", "Tilda\nMarsh\u202e")], FoundAuthor(key="tmarsh", name="Tilda Marsh", role=Role.CONTRIBUTOR)),
        ("海", [("海", "7", "海")], FoundAuthor(key="user-7", name="海", role=Role.CONTRIBUTOR)),
        ("", [], None),
    ],
)
def test_logins_become_names(read: Reader, login: str, authors: list[tuple[str, str, str]], expected: FoundAuthor | None) -> None:
    (article,) = read(export(post(1).replace(cdata("tmarsh"), cdata(login)), authors=authors)).articles
    assert article.author == expected


def test_a_featured_image_may_come_after_its_post(read: Reader) -> None:
    sizes = 'a:2:{s:5:"width";i:1200;s:6:"height";i:800;}'
    about = meta("postmeta", _wp_attachment_image_alt="The pier", _wp_attachment_metadata=sizes)
    address = "https://paper.example/pier.jpg"
    pictures = [
        post(50, about, post_type="attachment", status="inherit", attachment_url=address),
        post(51, post_type="attachment", status="inherit", attachment_url="javascript:alert(1)"),
    ]
    posts = [post(number, meta("postmeta", _thumbnail_id=str(picture))) for number, picture in ((1, 50), (2, 51), (3, 99))]
    result = read(export(*posts, *pictures))
    assert [article.image for article in result.articles] == [Image(url=address, alt="The pier", width=1200, height=800), None, None]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"votes_up": "4", "votes_down": "2"}, (4, 2)),
        ({"votes_up": "4"}, (4, 0)),
        ({"_commentliked": "6"}, (6, None)),
        ({"wpdiscuz_votes_seperate": 'a:2:{s:4:"like";i:3;s:7:"dislike";i:1;}'}, (3, 1)),
        ({"wpdiscuz_votes": "-2"}, (0, 2)),
        ({"votes_up": "many"}, (None, 0)),
        ({"wpdiscuz_votes": "x", "wpdiscuz_votes_seperate": "a:0:{}"}, (None, None)),
    ],
)
def test_votes_are_found_where_plugins_keep_them(read: Reader, entries: dict[str, str], expected: tuple[int | None, int | None]) -> None:
    (comment,) = read(export(post(1, remark(1, meta("commentmeta", **entries))))).comments
    assert (comment.votes_up, comment.votes_down) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("One\n\n<!--more-->\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("<!-- wp:paragraph -->\n<p>One</p>\n<!-- /wp:paragraph -->", "\n<p>One</p>\n"),
        ("<h2>Head</h2>\r\n\r\nText", "<h2>Head</h2>\n<p>Text</p>"),
        ("See\n\n<pre>a\n\nb</pre>\n\nend", "<p>See</p>\n<pre>a\n\nb</pre>\n<p>end</p>"),
        ('[caption id="a"]<img src="/p.jpg"> The pier[/caption]', '<figure><img src="/p.jpg"><figcaption>The pier</figcaption></figure>'),
        ("[caption]no picture[/caption]Text", "<p>Text</p>"),
        ("Loud <script>alert(1)</script> it is.", "<p>Loud <script>alert(1)</script> it is.</p>"),
        ("", ""),
    ],
)
def test_raw_text_becomes_paragraphs(read: Reader, content: str, expected: str) -> None:
    (article,) = read(export(post(1, content=content))).articles
    assert article.body == expected


def test_a_script_does_not_part_the_paragraph_it_stands_in(read: Reader) -> None:
    script = "<script>\nlet gulls = '<pre>';\n\nlet cries = 2;\n</script>"
    (article,) = read(export(post(1, content=f"Loud {script} it is.\n\nVery."))).articles
    assert plain_text(sanitise_article(article.body, article.url)) == "Loud it is.\n\nVery."


@pytest.mark.parametrize(
    ("categories", "section"),
    [
        ('<category domain="category" nicename="uncategorized"><![CDATA[Uncategorized]]></category>', "Elsewhere"),
        ('<category domain="category" nicename="uncategorized"><![CDATA[Harbour]]></category>', "Harbour"),
        ('<category domain="category"><![CDATA[uncategorized]]></category><category domain="category" nicename="town">Town</category>', "Town"),
    ],
)
def test_uncategorized_is_no_section(read: Reader, categories: str, section: str) -> None:
    (article,) = read(export(post(1, categories))).articles
    assert article.section == section


@pytest.mark.parametrize(
    ("gmt", "local", "pub_date", "expected"),
    [
        ("2026-11-20 08:00:00", "2026-11-20 03:00:00", "", "2026-11-20 08:00"),
        ("0000-00-00 00:00:00", "2026-11-20 03:00:00", "", "2026-11-20 03:00"),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00", "Fri, 20 Nov 2026 03:00:00 -0500", "2026-11-20 08:00"),
        ("2026-11-25 06:59:00", "", "", "2026-11-25 06:59"),
    ],
)
def test_dates_are_gmt_where_told(read: Reader, gmt: str, local: str, pub_date: str, expected: str) -> None:
    (article,) = read(export(post(1, f"<pubDate>{pub_date}</pubDate>", post_date=local, post_date_gmt=gmt))).articles
    assert f"{article.published_at:%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize("date", ["1970-01-01 00:00:00", "2099-01-01 00:00:00", "1757-03-04 00:00:00", "yesterday", "", "0000-00-00 00:00:00"])
def test_unbelievable_dates_leave_the_item_out_with_its_line(read: Reader, date: str) -> None:
    text = export(post(1, date=date), post(2, remark(5, date=date), remark(6)))
    result = read(text)
    assert [article.key for article in result.articles] == ["2"]
    assert [comment.key for comment in result.comments] == ["6"]
    assert [where for where, _ in result.problems] == [
        f"line {line_of(text, '<item>')} (post 1)",
        f"line {line_of(text, '<wp:comment>')} (comment 5)",
    ]


def test_items_without_a_number_or_address_are_problems(read: Reader) -> None:
    nowhere = post(3).replace("https://paper.example/3/", "javascript:alert(1)")
    result = read(export(post(1, post_id="x"), post(2, remark(1, id="")), nowhere))
    assert [article.key for article in result.articles] == ["2"]
    assert len(result.problems) == 3


def test_placeholders_templates_and_scripts_are_nothing_but_text(read: Reader) -> None:
    title = "{{ 7*7 }} __NL_UNSUB__ {% raw %}"
    (article,) = read(export(post(1, title=title, content="<script>alert(1)</script>{{ 7*7 }}"))).articles
    assert article.title == title
    assert "{{ 7*7 }}" in article.body


def test_what_looks_like_xml_within_cdata_is_text(read: Reader) -> None:
    content = "A feed: <item>x</item> <![CDATA[y]]> <!-- and </item>"
    first, second = read(export(post(1, content=content), post(2))).articles
    assert first.body == "<p>A feed: <item>x</item> <![CDATA[y]]> <!-- and </item></p>"
    assert second.key == "2"


BROKEN = [
    pytest.param(post(2).replace("</title>", ""), id="unclosed tag"),
    pytest.param(post(2).replace("</item>", ""), id="unclosed item"),
    pytest.param(post(2, remark(9)).replace("</wp:comment>", ""), id="unclosed comment"),
    pytest.param(post(2).replace("]]></title>", "</title>"), id="unclosed CDATA"),
    pytest.param(post(2, "<wp:x>a & b</wp:x>"), id="bare ampersand"),
    pytest.param(post(2, "<wp:x>&lol9;</wp:x>"), id="undefined entity"),
    pytest.param(post(2, "<!-- never closed"), id="unclosed comment of XML"),
    pytest.param(post(2, "<wp:status><![CDATA[x"), id="unclosed CDATA at the end of an item"),
    pytest.param(post(2, "<wp:x>" * 3_000 + "</wp:x>" * 3_000), id="elements of XML nested too deep"),
    pytest.param(post(2, "<!DOCTYPE x [<!ENTITY a 'b'>]>"), id="declaration"),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_item_costs_itself_only(read: Reader, broken: str) -> None:
    text = export(post(1), broken, post(3), post(4))
    result = read(text)
    assert [article.key for article in result.articles] == ["1", "3", "4"]
    (problem,) = result.problems
    number = int(problem[0].removeprefix("line "))
    assert line_of(text, "/2/") - 2 <= number <= line_of(text, "/3/")


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.99])
def test_a_file_cut_off_gives_what_is_whole(read: Reader, share: float) -> None:
    text = export(*(post(number) for number in range(1, 21)))
    result = read(text[: int(len(text) * share)])
    assert [article.key for article in result.articles] == [str(number) for number in range(1, len(result.articles) + 1)]
    assert len(result.articles) >= int(20 * share) - 2
    assert "cut off" in result.problems[-1][1]


def test_forbidden_characters_are_dropped_and_counted(read: Reader) -> None:
    text = export(post(1), post(2, title="A\x0bB\ufffe", content="C&#8;\x00D"), post(3, f"<wp:x>&#x{0:x};</wp:x>"))
    result = read(text)
    assert [article.title for article in result.articles] == ["News", "AB", "News"]
    assert result.articles[1].body == "<p>CD</p>"
    line = line_of(text, "A\x0bB")
    assert result.problems == [(f"line {line}", "5 characters that XML does not allow were dropped, the first one here.")]


def test_entity_bombs_and_outside_entities_stay_unread(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    entities = '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">' + f'<!ENTITY file SYSTEM "file://{tmp_path}/secret">'
    text = export(post(1, "<wp:x>&b;</wp:x>"), post(2, "<wp:x>&file;</wp:x>"), post(3)).replace(
        "<!-- This", f"<!DOCTYPE rss [{entities}]><!-- This", 1
    )
    result = read(text)
    assert [article.key for article in result.articles] == ["3"]
    assert len(result.problems) == 2
    assert "the secret" not in repr(result.events)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_versions_and_encodings(read: Reader, version: str, encoding: str) -> None:
    text = export(post(1, title="Café"), version=version).replace("UTF-8", encoding.removesuffix("-sig"))
    assert [article.title for article in read(text.encode(encoding)).articles] == ["Café"]


def test_bytes_of_another_encoding_cost_one_letter(read: Reader) -> None:
    (article,) = read(export(post(1, title="Caf_")).encode().replace(b"Caf_", b"Caf\xe9")).articles
    assert article.title == "Caf\ufffd"


@pytest.mark.parametrize("text", ["", "<html><body>Not found</body></html>", '<rss version="2.0"><channel></channel></rss>', "\x00" * 100])
def test_anything_else_is_refused(read: Reader, text: str) -> None:
    with pytest.raises(SourceError, match="no WordPress export"):
        read(text)


def test_a_missing_file_is_a_clear_message(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"The export file gone\.xml cannot be read: No such file"):
        list(read_wxr(tmp_path / "gone.xml", source=SOURCE, memory={}, known=KNOWN, now=NOW))


def test_an_export_without_items_is_empty(read: Reader) -> None:
    result = read(export())
    assert (result.articles, result.problems) == ([], [])


def test_the_same_file_is_not_read_again(read: Reader) -> None:
    memory = read(export(post(1))).memory
    assert read(export(post(1)), memory=memory).events == []
    assert len(read(export(post(1), post(2)), memory=memory).articles) == 2
    assert len(read(export(post(1)), memory=memory, source=SOURCE.model_copy(update={"roles": {}})).articles) == 1


def test_a_long_file_comes_in_batches_and_tells_how_far_it_is(read: Reader) -> None:
    text = export(*(post(number, remark(number)) for number in range(450)))
    result = read(text)
    sizes = [len(event.articles) + len(event.comments) for event in result.events if isinstance(event, Arrived)]
    assert sizes == [200, 200, 200, 200, 100]
    far = [event for event in result.events if isinstance(event, Progress)]
    assert [event.done for event in far] == sorted(event.done for event in far)
    assert far[-1].done == far[-1].total == len(text)
    assert isinstance(result.events[-1], Remember)


def write(path: Path, items: Iterable[str]) -> None:
    with path.open("w") as file:
        file.write(export().removesuffix(END))
        file.writelines(items)
        file.write(END)


def drained(events: Iterator[Event]) -> tuple[int, int]:
    """How many items came, keeping none; and the most memory in use meanwhile."""
    tracemalloc.start()
    try:
        arrived = sum(len(event.articles) + len(event.comments) for event in events if isinstance(event, Arrived))
        return arrived, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_twenty_megabytes_need_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    write(path, (post(number, remark(number), content="Words of the harbour. " * 2_000) for number in range(500)))
    assert path.stat().st_size > 20_000_000
    arrived, peak = drained(read_wxr(path, source=SOURCE, memory={}, known=KNOWN, now=NOW))
    assert arrived == 1_000
    assert peak < 10_000_000


def test_a_stretch_without_end_is_cut_at_its_last_line_that_begins_an_item(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    write(path, [post(1, "<!-- never closed"), *(post(number, content="Words. " * 100) for number in range(2, 2_000))])
    parser = Parser(find_root(path.read_text()))
    pieces = list(read_pieces(path, largest=300_000))
    assert max(len(piece.text) for piece in pieces) < 1_000_000
    found = [told for piece in pieces for item in piece.items() for told in parser.elements(item)]
    assert [isinstance(told, Problem) for told in found].count(True) == 1
    assert len(found) == 1_999


def test_three_thousand_nested_elements_reach_the_store_as_text(read: Reader, engine: Engine) -> None:
    deep = "<div>" * 3_000 + "at the bottom" + "</div>" * 3_000
    result = read(export(post(1, remark(1, content=deep + "<script>alert(1)</script>"), content=deep)))
    with engine.begin() as connection:
        save_articles(connection, "paper", result.articles, now=NOW, first=True)
        save_comments(connection, "paper", result.comments, now=NOW)
        seen = gather_items(connection, articles={1}, comments_until=NOW)
    assert [article.text for article in seen.articles] == ["at the bottom"]
    assert [comment.text for comment in seen.comments] == ["at the bottom"]


PARTS = ["<item>", "</item>", "<![CDATA[", "]]>", "<!--", "-->", "\n<item>", post(1), post(2, remark(1)), "<wp:comment>", "&", "\x0b", "<", "x", END]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_any_damage_ends_in_events(read: Reader, damage: str) -> None:
    text = export().removesuffix(END) + damage + "\n" + post(77) + END
    result = read(text)
    assert {article.key for article in result.articles} <= {"1", "2", "77"}
    assert "77" in {article.key for article in result.articles} or result.problems
