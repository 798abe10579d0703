"""The items of an export file as values. Pure; what an item lacks is a `Problem`, never an exception."""

import re
from dataclasses import dataclass

from lxml.etree import _Element as Element

from digest.content.sanitise import clean_name, one_line, title_text, web_address
from digest.content.values import FoundArticle, FoundAuthor, FoundComment, Image, Role
from digest.settings import Source
from digest.sources.categories import section_of
from digest.sources.roles import role_of
from digest.sources.values import Problem
from digest.sources.wxr_comments import Hidden, Reading, read_comment
from digest.sources.wxr_fields import encoded, meta, moment, nicename, said, terms
from digest.sources.wxr_text import as_html


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An attachment: its address is shown where a post names it as its featured image."""

    number: str
    image: Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What an item tells: a public article with its public comments, and the keys of what is not public (any more)."""

    article: FoundArticle | None = None
    comments: tuple[FoundComment, ...] = ()
    withdrawn: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_writer(element: Element, source: Source) -> tuple[str, str, FoundAuthor] | None:
    """Login, number and person of a `wp:author`. Its e-mail address is not looked at."""
    login, number = said(element, "author_login"), said(element, "author_id")
    name = clean_name(said(element, "author_display_name")) or clean_name(login)
    if not login or not name:
        return None
    key = nicename(login) or f"user-{number}"
    return login, number, FoundAuthor(key=key, name=name, role=role_of(source, login, key, name, default=Role.CONTRIBUTOR))


def read_picture(element: Element) -> Picture | None:
    number, url = said(element, "post_id"), web_address(said(element, "attachment_url"))
    if said(element, "post_type") != "attachment" or not number or not url:
        return None
    extra = meta(element, "postmeta")
    sides = re.search(r's:5:"width";i:(\d{1,5});s:6:"height";i:(\d{1,5});', extra.get("_wp_attachment_metadata", ""))
    width, height = (int(sides[1]), int(sides[2])) if sides else (0, 0)
    alt = one_line(extra.get("_wp_attachment_image_alt", ""))
    return Picture(number=number, image=Image(url=url, alt=alt, width=width, height=height))


def read_item(element: Element, reading: Reading) -> Item:
    """A post; of other kinds of item nothing is told."""
    key = said(element, "post_id")
    if said(element, "post_type") != "post":
        return Item()
    if not key.isdigit():
        return Item(problems=(Problem(where=f"line {reading.line}", what="A post without a number was left out."),))
    if said(element, "status") != "publish" or said(element, "post_password"):
        return Item(withdrawn=(key,))
    article = _article(element, key, reading)
    if isinstance(article, Problem):
        return Item(problems=(article,))
    found = [told for comment in element.iterfind("{*}comment") if (told := read_comment(comment, article, reading))]
    return Item(
        article=article,
        comments=tuple(one for one in found if isinstance(one, FoundComment)),
        removed=tuple(one.key for one in found if isinstance(one, Hidden) and not one.held),
        held=tuple(one.key for one in found if isinstance(one, Hidden) and one.held),
        problems=tuple(one for one in found if isinstance(one, Problem)),
    )


def _article(element: Element, key: str, reading: Reading) -> FoundArticle | Problem:
    where = f"line {reading.line} (post {key})"
    url = web_address(said(element, "link"))
    published_at = moment(element, "post_date", reading.now, otherwise=said(element, "pubDate"))
    if not url:
        return Problem(where=where, what="It has no web address and was left out.")
    if published_at is None:
        return Problem(where=where, what="Its date is missing, before 1990 or in the future; it was left out.")
    return FoundArticle(
        key=key,
        title=title_text(said(element, "title")),
        url=url,
        published_at=published_at,
        modified_at=moment(element, "post_modified", reading.now),
        section=section_of(terms(element, "category"), reading.source),
        tags=terms(element, "post_tag"),
        author=_author(said(element, "creator"), reading),
        image=reading.pictures.get(meta(element, "postmeta").get("_thumbnail_id", "")),
        excerpt=as_html(encoded(element, "excerpt")),
        body=as_html(encoded(element, "content")),
        comments_url=f"{url}#comments",
    )


def _author(login: str, reading: Reading) -> FoundAuthor | None:
    """Before WordPress 3.0 the files named no authors: then the login is the name."""
    name = clean_name(login)
    if login in reading.writers.by_login or not name:
        return reading.writers.by_login.get(login)
    return FoundAuthor(key=nicename(login) or name, name=name, role=role_of(reading.source, login, default=Role.CONTRIBUTOR))
