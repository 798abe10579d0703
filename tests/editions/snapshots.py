"""Articles and comments for tests, made by hand or by hypothesis."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from digest.content.values import Article, ArticleState, Author, Comment, CommentState, Role, Snapshot
from digest.editions.choose import choose
from digest.editions.values import Choice, Kind, PassedOver, Pick, Place
from digest.newsletter import Newsletter

CUTOFF = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
START = CUTOFF - timedelta(days=7)
SITE = "harbour.example"

STORY = (
    "I bought mine in 1991 from a neighbour who had kept it in a barn for ten years, and my brother and I spent a whole winter on the brakes. "
    "It has carried two children, a piano and most of a shed since then. The heater never worked, although we tried three of them, and the "
    "radio only knows one station, but it has started on every single morning that I asked it to."
)


def newsletter(**given: Any) -> Newsletter:
    return Newsletter.model_validate({"slug": "weekly", "title": "The Harbour Week", "from_address": "desk@harbour.example", **given})


def article(number: int, *, hours: float = 24, **given: Any) -> Article:
    """An article published that many hours before the cut-off; everything else as plain as can be."""
    published = CUTOFF - timedelta(hours=hours)
    plain = Article(
        id=number,
        source="site",
        key=str(number),
        title=f"{_WORDS[number % len(_WORDS)].title()} number {number} arrives",
        url=f"https://{SITE}/{number}/",
        section="",
        tags=(),
        author=None,
        image=None,
        excerpt="",
        body="",
        text="",
        published_at=published,
        modified_at=None,
        first_seen_at=published,
        state=ArticleState.PUBLISHED,
        votes=None,
        views=None,
        comment_count=None,
        comments_url=f"https://{SITE}/{number}/#comments",
    )
    return replace(plain, **given)


def comment(number: int, article_id: int = 1, *, hours: float = 12, text: str = STORY, **given: Any) -> Comment:
    """A comment posted that many hours before the cut-off by a reader of its own."""
    plain = Comment(
        id=number,
        source="site",
        key=str(number),
        article_id=article_id,
        parent_id=None,
        orphan=False,
        author_name=f"Reader {number}",
        author_id=None,
        role=Role.READER,
        avatar="",
        text=text,
        posted_at=CUTOFF - timedelta(hours=hours),
        edited_at=None,
        permalink=f"https://{SITE}/{article_id}/#comment-{number}",
        votes_up=0,
        votes_down=None,
        flags=0,
        featured=False,
        state=CommentState.APPROVED,
    )
    return plain._replace(**given)


def author(number: int, name: str = "", role: Role = Role.CONTRIBUTOR) -> Author:
    return Author(id=number, name=name or f"Writer {number}", role=role)


def chosen(snapshot: Snapshot, letter: Newsletter | None = None, *, allow_few: bool = True) -> Choice:
    return choose(snapshot, letter or newsletter(), window_start=START, cutoff=CUTOFF, site_host=SITE, allow_few=allow_few)


def picked(choice: Choice, *places: Place) -> list[Pick]:
    return [pick for pick in choice.picks if pick.place in places]


def article_ids(choice: Choice) -> list[int]:
    return [pick.id for pick in picked(choice, Place.LEAD, Place.SECTION)]


def everything(choice: Choice) -> list[Pick | PassedOver]:
    return [*choice.picks, *choice.passed_over]


def why_not(choice: Choice, kind: Kind, number: int) -> str:
    return next(passed.why for passed in choice.passed_over if (passed.kind, passed.id) == (kind, number))


_WORDS = "anchor barge cable dock eel ferry gull heron island jetty keel lighthouse mast net oar pilot quay rope sail tide".split()  # noqa: SIM905
_NAMES = ("Ada", "Ben", "Cleo", "Dov", "Eve", "Finn")
_words = st.lists(st.sampled_from([*_WORDS, "because", "I", "bought", "idiot", "1991", "!", ".", "although", "😀", "日本語"]), max_size=40).map(
    " ".join
)
_texts = st.one_of(_words, st.text(max_size=80))


@st.composite
def articles(draw: st.DrawFn, number: int) -> Article:
    return article(
        number,
        hours=draw(st.floats(-5, 24 * 40)),
        title=" ".join(draw(st.lists(st.sampled_from(_WORDS), max_size=5))),
        url=draw(st.sampled_from([f"https://{SITE}/{number}/", f"http://www.{SITE}/{number % 3}/?utm_source=x", f"https://other.example/{number}"])),
        section=draw(st.sampled_from(["", "Harbour", "Town", "Sea"])),
        tags=tuple(draw(st.lists(st.sampled_from(["boats", "fish", "sponsored"]), max_size=2))),
        author=draw(st.one_of(st.none(), st.sampled_from([author(1, role=Role.STAFF), author(2), author(3, role=Role.READER)]))),
        text=draw(_texts),
        state=draw(st.sampled_from([ArticleState.PUBLISHED] * 5 + [ArticleState.WITHDRAWN])),
        votes=draw(st.one_of(st.none(), st.integers(-5, 50))),
        views=draw(st.one_of(st.none(), st.integers(0, 5000))),
        comment_count=draw(st.one_of(st.none(), st.integers(0, 30))),
    )


@st.composite
def comments(draw: st.DrawFn, number: int, article_count: int) -> Comment:
    edited = draw(st.one_of(st.none(), st.floats(0, 48)))
    return comment(
        number,
        draw(st.integers(1, article_count)),
        hours=draw(st.floats(-1, 24 * 9)),
        text=draw(st.one_of(_texts, st.just(STORY))),
        parent_id=draw(st.one_of(st.none(), st.integers(1, 20))),
        orphan=draw(st.sampled_from([False] * 9 + [True])),
        author_name=draw(st.sampled_from(_NAMES)),
        author_id=draw(st.sampled_from([None, None, None, 1, 2])),
        role=draw(st.sampled_from([Role.READER] * 4 + [Role.STAFF, Role.MODERATOR])),
        edited_at=None if edited is None else CUTOFF - timedelta(hours=edited),
        votes_up=draw(st.one_of(st.none(), st.integers(0, 30))),
        votes_down=draw(st.one_of(st.none(), st.integers(0, 10))),
        flags=draw(st.sampled_from([0, 0, 0, 1, 2])),
        featured=draw(st.sampled_from([False] * 9 + [True])),
        state=draw(st.sampled_from([CommentState.APPROVED] * 6 + [CommentState.HELD, CommentState.REMOVED])),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Up to a dozen articles and two dozen comments, with everything that may be wrong with them."""
    count = draw(st.integers(1, 12))
    found = tuple(draw(articles(number)) for number in range(1, count + 1))
    others = draw(st.integers(0, count // 3))
    said = tuple(draw(comments(number, count)) for number in range(1, draw(st.integers(0, 24)) + 1))
    sent = draw(st.dictionaries(st.integers(1, count), st.integers(0, 5), max_size=2))
    return Snapshot(
        articles=found[others:],
        others=found[:others],
        comments=said,
        sent=sent,
        considered=frozenset(sent) | draw(st.frozensets(st.integers(1, count), max_size=2)),
        quoted=draw(st.frozensets(st.integers(1, 24), max_size=3)),
        quoted_people=draw(st.frozensets(st.sampled_from([name.casefold() for name in _NAMES]), max_size=2)),
    )


letters = st.builds(
    newsletter,
    limits=st.fixed_dictionaries({"articles": st.integers(1, 6), "top_comments": st.integers(0, 3), "recent_comments": st.integers(0, 3)}),
    sections=st.sampled_from([(), ("Sea", "Town")]),
    preset=st.sampled_from(["news", "community", "qa"]),
)
