"""Answers of a WordPress as JSON, laid down on the tests' web server: for what a sound WordPress never says."""

import json
from collections.abc import Mapping

from tests.sources.web import Page, Site

ROOT = "/wp-json"
POSTS, COMMENTS, USERS = f"{ROOT}/wp/v2/posts", f"{ROOT}/wp/v2/comments", f"{ROOT}/wp/v2/users"
DATE = "2026-11-20T09:00:00"


def post(number: int, **differences: object) -> dict[str, object]:
    sound = {
        "id": number,
        "status": "publish",
        "link": f"https://harbour.example/{number}/",
        "title": {"rendered": f"Post {number}"},
        "date_gmt": DATE,
        "modified_gmt": DATE,
        "excerpt": {"rendered": "", "protected": False},
        "content": {"rendered": "<p>Words.</p>", "protected": False},
    }
    return {**sound, **differences}


def comment(number: int, **differences: object) -> dict[str, object]:
    sound = {
        "id": number,
        "post": 1,
        "parent": 0,
        "author": 0,
        "author_name": "Quay Walker",
        "date_gmt": DATE,
        "content": {"rendered": "<p>Said.</p>"},
        "link": f"https://harbour.example/1/#comment-{number}",
        "status": "approved",
        "type": "comment",
    }
    return {**sound, **differences}


def reply(data: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Page:
    return Page(json.dumps(data).encode(), status, {"Content-Type": "application/json; charset=UTF-8", **(headers or {})})


def refusal(status: int, code: str) -> Page:
    return reply({"code": code, "message": "No.", "data": {"status": status}}, status=status)


def lay_down(site: Site, posts: list[object], comments: list[object]) -> None:
    """A site with these posts and comments, each a list of one page, whatever is asked for."""
    site.pages |= {
        "/": Page(b"<p>Welcome.</p>", headers={"Link": f'<{site.url}{ROOT}/>; rel="https://api.w.org/"'}),
        POSTS: reply(posts),
        COMMENTS: reply(comments),
        USERS: reply([]),
    }
