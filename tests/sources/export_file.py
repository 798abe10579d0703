"""Small export files as WordPress writes them, for the tests of the reader."""

from collections.abc import Iterable

START = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- This is a WordPress eXtended RSS file -->
<rss version="2.0"
    xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/"
    xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:wp="http://wordpress.org/export/{version}/">
<channel>
<title>The Harbour Paper</title>
<wp:wxr_version>{version}</wp:wxr_version>
"""
END = "</channel>\n</rss>\n"
TILDA = ("tmarsh", "7", "Tilda Marsh")


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def element(name: str, text: str) -> str:
    return f"<wp:{name}>{cdata(text)}</wp:{name}>\n"


def export(*items: str, authors: Iterable[tuple[str, str, str]] = (TILDA,), version: str = "1.2") -> str:
    people = (
        element("author_id", number)
        + element("author_login", login)
        + element("author_email", f"{login}@mail.example")
        + element("author_display_name", name)
        for login, number, name in authors
    )
    return START.format(version=version) + "".join(f"<wp:author>{person}</wp:author>\n" for person in people) + "".join(items) + END


def post(number: int, *inside: str, title: str = "News", content: str = "Words.", date: str = "2026-11-20 08:00:00", **given: str) -> str:
    """`given` are `wp:` elements: post_type, status, post_password …"""
    fields = {"post_id": str(number), "post_date": date, "post_date_gmt": date, "status": "publish", "post_type": "post", "post_password": ""} | given
    return (
        f"<item>\n<title>{cdata(title)}</title>\n<link>https://paper.example/{number}/</link>\n<dc:creator>{cdata('tmarsh')}</dc:creator>\n"
        f"<content:encoded>{cdata(content)}</content:encoded>\n<excerpt:encoded>{cdata('')}</excerpt:encoded>\n"
        + "".join(element(name, value) for name, value in fields.items())
        + "".join(inside)
        + "</item>\n"
    )


def remark(number: int, *inside: str, content: str = "I saw it.", author: str = "Pim", date: str = "2026-11-21 09:00:00", **given: str) -> str:
    """A comment; `given` are its `wp:comment_` elements: approved, parent, type, user_id …"""
    fields = {
        "id": str(number),
        "author": author,
        "author_email": "pim@mail.example",
        "author_IP": "192.0.2.44",
        "date": date,
        "date_gmt": date,
        "content": content,
        "approved": "1",
        "type": "comment",
        "parent": "0",
        "user_id": "0",
    } | given
    return "<wp:comment>\n" + "".join(element(f"comment_{name}", value) for name, value in fields.items()) + "".join(inside) + "</wp:comment>\n"


def meta(kind: str, **entries: str) -> str:
    """`kind` is postmeta or commentmeta."""
    return "".join(f"<wp:{kind}>{element('meta_key', key)}{element('meta_value', value)}</wp:{kind}>\n" for key, value in entries.items())
