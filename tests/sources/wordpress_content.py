"""What the tests' WordPress is filled with: a small harbour town's paper, and every kind of post and comment that must not get out."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    slug: str
    title: str
    at: datetime
    content: str = "<p>Nothing else was said at the quay that day.</p>"
    excerpt: str = ""
    author: str = "tilda"  # a login
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: dict[str, str] = field(default_factory=dict)  # file, alt
    status: str = "publish"
    password: str = ""
    type: str = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    name: str
    on: str  # a post's slug
    at: datetime
    content: str
    author: str = "Quay Walker"
    email: str = "walker@readers.example"
    ip: str = "203.0.113.77"
    login: str = ""
    answers: str = ""  # another remark's name
    approved: str = "1"  # 1, 0, spam, trash
    type: str = "comment"


def posts(now: datetime) -> list[Post]:
    """Each a day apart from `now` backwards, but for the one that is still to come."""
    day = timedelta(days=1)
    return [
        Post(
            slug="ferry",
            title="Ferry &amp; dock: the <em>Heron</em> returns",
            at=now - 1 * day,
            content=(
                "<!-- wp:paragraph -->\n<p>The Heron is back on the “north” line.</p>\n<!-- /wp:paragraph -->\n<!--more-->\n"
                '<p>Details at <a href="/timetable">the timetable</a>.</p>'
            ),
            excerpt="The old ferry sails again.",
            categories=("Arts & Culture",),
            tags=("ferries", "R&D"),
            image={"file": "2026/11/heron.jpg", "alt": "The Heron at its berth"},
        ),
        Post(
            slug="market",
            title="Fish market opens at five",
            at=now - 2 * day,
            content="Before dawn.\n\nAnd <script>let gulls = 1;\n\nlet cries = 2;</script> loud.",
            categories=("Town",),
            author="olga",
        ),
        Post(slug="library", title="Library hours – winter", at=now - 3 * day, categories=("Town",)),
        Post(
            slug="маяк",
            title="Маяк",
            at=now - 4 * day,
            categories=("Town",),
            content='<p>The light. <a href="https://light.example/">Its log</a>.</p>',
        ),
        Post(slug="old", title="The storm of last spring", at=now - 200 * day, categories=("Town",)),
        Post(slug="locked", title="For subscribers", at=now - 1 * day, password="open-sesame", content="<p>The locked words.</p>"),
        Post(slug="private", title="Staff rota", at=now - 1 * day, status="private", content="<p>The private words.</p>"),
        Post(slug="draft", title="Not yet", at=now - 1 * day, status="draft", content="<p>The draft words.</p>"),
        Post(slug="planned", title="The light ship moves", at=now + 2 * day, status="future", content="<p>The planned words.</p>"),
        Post(slug="about", title="About us", at=now - 2 * day, type="page", content="<p>A page, no article.</p>"),
    ]


def remarks(now: datetime) -> list[Remark]:
    hour = timedelta(hours=1)
    return [
        Remark(name="first", on="ferry", at=now - 20 * hour, content="I took it in 1974 & it was late :)\n\nStill, well done."),
        Remark(name="answer", on="ferry", at=now - 19 * hour, content="So did I!", author="Pim", login="pim", answers="first"),
        Remark(name="deep", on="ferry", at=now - 18 * hour, content="We should meet.", author="Mae", answers="answer"),
        Remark(
            name="writer", on="ferry", at=now - 17 * hour, content="Thank you both.", author="Tilda Marsh & Daughters", login="tilda", answers="first"
        ),
        Remark(name="held", on="ferry", at=now - 16 * hour, content="The held words.", approved="0"),
        Remark(name="orphan", on="ferry", at=now - 15 * hour, content="I disagree with that.", author="Jo &amp; Co.", answers="held"),
        Remark(name="spam", on="ferry", at=now - 14 * hour, content="The spam words.", approved="spam"),
        Remark(name="binned", on="ferry", at=now - 14 * hour, content="The binned words.", approved="trash"),
        Remark(name="ping", on="ferry", at=now - 13 * hour, content="The ping words.", type="pingback", author="Elsewhere"),
        Remark(name="note", on="ferry", at=now - 13 * hour, content="The editor's note words.", type="note", author="Olga Pier", login="olga"),
        Remark(
            name="script",
            on="market",
            at=now - 12 * hour,
            content="Loud <script>alert(1)</script> it is.\n\n<p>Very.</p><script>alert(2)</script>",
            author="Olga Pier",
            login="olga",
        ),
        Remark(name="control", on="market", at=now - 11 * hour, content="Bell\x0bbuoy and \ufffe fog."),
        Remark(name="archive", on="old", at=now - 10 * hour, content="I only read this today."),
        Remark(name="on-locked", on="locked", at=now - 9 * hour, content="The remark under lock."),
        Remark(name="on-private", on="private", at=now - 9 * hour, content="The remark in private."),
        Remark(name="on-page", on="about", at=now - 8 * hour, content="The remark on a page."),
    ]


def as_json(items: list[Post] | list[Remark]) -> list[dict[str, object]]:
    return [{name: f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value for name, value in asdict(item).items()} for item in items]
