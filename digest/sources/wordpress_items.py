"""WordPress's JSON as values. Pure, and unsurprised by anything: what an item lacks is a `Problem`, never an exception."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.content.sanitise import clean_name, one_line, title_text
from digest.content.values import CommentState, FoundArticle, FoundAuthor, FoundComment, Image, Role
from digest.settings import Source
from digest.sources.categories import names_of, section_of
from digest.sources.roles import role_of
from digest.sources.values import Problem
from digest.sources.wordpress_json import as_list, as_moment, as_number, as_text, as_web, at

# Named one by one: the avatar addresses that come otherwise hold a hash of the reader's e-mail address.
LISTED_FIELDS = "id,status,modified_gmt,content.protected"
POST_FIELDS = "id,status,link,title,date_gmt,modified_gmt,excerpt,content,_links,_embedded"
POST_PARTS = "author,wp:featuredmedia,wp:term"  # a bare `_embed` drags in ten replies of each post
COMMENT_FIELDS = "id,post,parent,author,author_name,date_gmt,content,link,status,type"
USER_FIELDS = "id,slug,name"

AUTOMATIC = "[&hellip;]</p>"  # ends an excerpt that WordPress made of the first 55 words
WIDE_ENOUGH = 1_000  # pixels: fills a mail 600 wide also on dense screens
AHEAD = timedelta(days=2)  # a site's clock may be wrong, but not by more

STATES = {"approved": CommentState.APPROVED, "hold": CommentState.HELD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A post of the short list: `public` when anyone may read it without a password."""

    number: int
    public: bool
    modified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What must be known of a comment before its text is looked at."""

    number: int
    post: int
    state: CommentState


def read_listed(item: object) -> Listed | Problem:
    number = as_number(at(item, "id"))
    if not number:
        return Problem(where="posts", what="A post of the list has no number.")
    return Listed(number=number, public=is_public(item), modified_at=as_moment(at(item, "modified_gmt")))


def is_public(item: object) -> bool:
    """Protected posts are listed as published too, with their title: only an outright “not protected” counts."""
    return at(item, "status") == "publish" and at(item, "content", "protected") is False


def read_article(item: object, source: Source, now: datetime) -> FoundArticle | Problem:
    """A post that `is_public`, its body and excerpt as the site shows them."""
    number, url, published_at = as_number(at(item, "id")), as_web(at(item, "link")), as_moment(at(item, "date_gmt"))
    if not number or not is_public(item):
        return Problem(where="posts", what="A post came without its number, or is not public.")
    if not url or published_at is None or published_at > now + AHEAD:
        return Problem(where=f"post {number}", what="It has no address or no believable date of publication.")
    excerpt = as_text(at(item, "excerpt", "rendered"))
    return FoundArticle(
        key=str(number),
        title=title_text(as_text(at(item, "title", "rendered"))),
        url=url,
        published_at=published_at,
        modified_at=as_moment(at(item, "modified_gmt")),
        section=section_of(_terms(item, "category"), source),
        tags=_terms(item, "post_tag"),
        author=read_writer(at(item, "_embedded", "author", 0), source),
        image=_image(at(item, "_embedded", "wp:featuredmedia", 0), url),
        excerpt="" if excerpt.rstrip().endswith(AUTOMATIC) else excerpt,
        body=as_text(at(item, "content", "rendered")),
    )


def read_writer(item: object, source: Source) -> FoundAuthor | None:
    """A user with published posts; None where the site keeps its users to itself."""
    number, name = as_number(at(item, "id")), clean_name(as_text(at(item, "name")))
    if not number or not name:
        return None
    slug = one_line(as_text(at(item, "slug")))[:200]
    return FoundAuthor(key=slug or f"user-{number}", name=name, role=role_of(source, slug, name, default=Role.CONTRIBUTOR))


def read_standing(item: object) -> Standing | None:
    """None for what is no approved or held comment on anything: pingbacks, editors' notes, spam, other states."""
    number, post, status = as_number(at(item, "id")), as_number(at(item, "post")), at(item, "status")
    state = STATES.get(status) if isinstance(status, str) else None
    if not number or not post or state is None or at(item, "type") != "comment":
        return None
    return Standing(number=number, post=post, state=state)


def read_comment(item: object, source: Source, writers: Mapping[int, FoundAuthor], now: datetime) -> FoundComment | Problem | None:
    """A comment that is approved or held; None where `read_standing` has none."""
    standing, posted_at = read_standing(item), as_moment(at(item, "date_gmt"))
    if standing is None:
        return None
    if posted_at is None or posted_at > now + AHEAD:
        return Problem(where=f"comment {standing.number}", what="It has no believable date.")
    name, parent = clean_name(as_text(at(item, "author_name"))), as_number(at(item, "parent"))
    author_key, role = _commenter(source, comment_user(item), name, writers)
    return FoundComment(
        key=str(standing.number),
        article_key=str(standing.post),
        parent_key=str(parent) if parent else "",
        author_name=name,
        author_key=author_key,
        role=role,
        body=as_text(at(item, "content", "rendered")),
        posted_at=posted_at,
        permalink=as_web(at(item, "link")),
        state=standing.state,
    )


def comment_user(item: object) -> int:
    """The number of the user who wrote a comment, 0 for a guest."""
    return as_number(at(item, "author"))


def _commenter(source: Source, user: int, name: str, writers: Mapping[int, FoundAuthor]) -> tuple[str, Role]:
    """A commenter's key and role. A guest may type any name, so only the site's own users are looked up."""
    if not user:
        return "", Role.READER
    if user in writers:
        return writers[user].key, writers[user].role
    return f"user-{user}", role_of(source, name)


def _terms(item: object, taxonomy: str) -> tuple[str, ...]:
    groups = at(item, "_embedded", "wp:term")
    terms = [term for group in as_list(groups) for term in as_list(group) if at(term, "taxonomy") == taxonomy]
    return names_of(as_text(at(term, "name")) for term in terms)


def _image(media: object, base: str) -> Image | None:
    """The smallest rendition that is wide enough and not cropped, else the original."""
    original = _rendition(at(media, "source_url"), at(media, "media_details"), base)
    if original is None:
        return None
    sizes = at(media, "media_details", "sizes")
    smaller = [_rendition(at(size, "source_url"), size, base) for size in (sizes.values() if isinstance(sizes, dict) else ())]
    fitting = [image for image in smaller if image and WIDE_ENOUGH <= image.width < original.width and _alike(image, original)]
    best = min(fitting, key=lambda image: image.width, default=original)
    return Image(url=best.url, alt=one_line(as_text(at(media, "alt_text"))), width=best.width, height=best.height)


def _rendition(address: object, size: object, base: str) -> Image | None:
    url = as_web(address, base)
    return Image(url=url, width=as_number(at(size, "width")), height=as_number(at(size, "height"))) if url else None


def _alike(one: Image, other: Image) -> bool:
    """Whether both have the same shape, but for a rounded pixel."""
    return abs(one.width * other.height - other.width * one.height) <= max(other.width, other.height)
