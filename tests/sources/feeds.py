"""Feeds of an invented harbour paper, as text to be put together."""

RSS_SPACES = " ".join(
    f'xmlns:{name}="{url}"'
    for name, url in {
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "media": "http://search.yahoo.com/mrss/",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "wfw": "http://wellformedweb.org/CommentAPI/",
    }.items()
)
ATOM_SPACES = " ".join(
    [
        'xmlns="http://www.w3.org/2005/Atom"',
        'xmlns:thr="http://purl.org/syndication/thread/1.0"',
        'xmlns:at="http://purl.org/atompub/tombstones/1.0"',
    ]
)


def rss(*items: str) -> bytes:
    channel = "<title>Harbour</title><link>https://harbour.example/</link><description>News</description>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {RSS_SPACES}><channel>{channel}{"".join(items)}</channel></rss>\n'.encode()


def atom(*entries: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<feed {ATOM_SPACES}><title>Harbour</title>{"".join(entries)}</feed>\n'.encode()


def item(number: int, more: str = "", *, date: str = "Fri, 20 Nov 2026 08:00:00 +0000") -> str:
    """An article as WordPress writes it, with `more` elements at its end."""
    return (
        f"<item><title>Ferry {number}</title><link>https://harbour.example/ferry-{number}/</link><pubDate>{date}</pubDate>"
        f'<guid isPermaLink="false">https://harbour.example/?p={number}</guid>{more}</item>'
    )


def remark(article: int, number: int, words: str = "I was there.", *, by: str = "Ida", date: str = "Fri, 20 Nov 2026 09:00:00 +0000") -> str:
    """A comment as WordPress writes it."""
    return (
        f"<item><title>By: {by}</title><link>https://harbour.example/ferry-{article}/#comment-{number}</link><dc:creator><![CDATA[{by}]]></dc:creator>"
        f'<pubDate>{date}</pubDate><guid isPermaLink="false">https://harbour.example/?p={article}#comment-{number}</guid>'
        f"<description><![CDATA[{words}]]></description><content:encoded><![CDATA[<p>{words}</p>]]></content:encoded></item>"
    )
