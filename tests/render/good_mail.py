"""A small mail in which nothing is wrong, to be spoilt in one place at a time."""

from dataclasses import replace
from typing import Any

from digest.render.lint import About, Finding, lint_mail, of_message
from digest.render.lint.mail import Mail

LEAVE = "https://pages.example/leave/t0ken"
STREET = "Quay Street 1, 12345 Saltmarsh"
PAGE = f"""<!DOCTYPE html><html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>News</title>
<style>.night {{ color: #111111 }}
@media (prefers-color-scheme: dark) {{ .night {{ color: #eeeeee !important }} .ground {{ background: #101010 !important }} }}</style>
</head><body class="ground" style="background:#ffffff">
<h1 class="night">News of the week</h1><h2 class="night">The ferry</h2>
<table role="presentation" width="100%"><tr><td><img src="https://a.example/ferry.png" alt="A ferry" width="100" height="60"></td></tr></table>
<p class="night">It runs again. <a class="night" style="color:#111111" href="https://a.example/ferry">How the ferry came back</a></p>
<p class="night"><a class="night" href="{LEAVE}">Unsubscribe</a> {STREET}</p></body></html>"""
TEXT = f"NEWS OF THE WEEK\n\nThe ferry\n\nIt runs again. How the ferry came back:\nhttps://a.example/ferry\n\nUnsubscribe: {LEAVE}\n{STREET}\n"
HEADERS = (
    ("From", "News <news@a.example>"),
    ("To", "reader@example.com"),
    ("Subject", "The ferry runs again"),
    ("Date", "Mon, 23 Nov 2026 07:00:00 +0000"),
    ("Message-ID", "<1.2@a.example>"),
    ("MIME-Version", "1.0"),
    ("List-Id", "<news.a.example>"),
    ("List-Unsubscribe", f"<{LEAVE}>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
)
ABOUT = About(clients=("apple-mail-macos",), last_subject="The harbour clock", preheader="And who paid for it", postal_address=STREET)


def message(page: str = PAGE, text: str = TEXT, headers: tuple[tuple[str, str], ...] = HEADERS) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = f'{lines}Content-Type: multipart/alternative; boundary="=_b"\r\n\r\n'
    return (head + f"--=_b\r\n{_part('plain', text)}--=_b\r\n{_part('html', page)}--=_b--\r\n").encode()


def _part(kind: str, content: str) -> str:
    lines = content.replace("\n", "\r\n")
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{lines}\r\n"


def mail(page: str = PAGE, text: str = TEXT, **about: Any) -> Mail:
    return of_message(message(page, text), replace(ABOUT, **about))


def with_header(name: str, *values: str) -> Mail:
    """The mail with these lines of that name instead of its own."""
    others = tuple(one for one in HEADERS if one[0] != name)
    return of_message(message(headers=(*others, *((name, value) for value in values))), ABOUT)


def spoilt(old: str, new: str, **about: Any) -> Mail:
    """The mail with something else in its page."""
    assert old in PAGE, old
    return mail(PAGE.replace(old, new, 1), **about)


def rules(found: Mail) -> set[str]:
    return {finding.rule for finding in lint_mail(found)}


def of_rule(found: Mail, rule: str) -> list[Finding]:
    return [finding for finding in lint_mail(found) if finding.rule == rule]
