"""Hostile and broken content, from the export to the mails: whole mails, no script, nothing taken for a template, a placeholder or a header."""

import email
import email.policy
import re
from email.message import EmailMessage

import pytest
from lxml import html as parser

from digest.render.lint import lint
from tests.journeys.paper import SLOT, Publication, configure
from tests.sources.export_file import export, post, remark

TURN = "\u202e"
DEEP = "<div>" * 3_000 + "Deep words in the deep sea, forty fathoms down, with all hands." + "</div>" * 3_000
WORDS = "because the harbour wall was built in 1911 and not in 1912; my grandfather was there with 40 other men and a mule."
SCRIPTS = (
    "I saw it <script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)><a href='javascript:alert(4)'>here</a>"
    "<a href='data:text/html,alert(5)'>there</a><style>p{background:url(https://spy.example)}</style>, "
)
MARK = "NLx0123456789xUNSUBSCRIBEx"
UNCLOSED = "<item><title>Never closed</title><wp:post_id>110</wp:post_id><content:encoded>no end</item>\n"


def hostile_export() -> str:
    return export(
        post(
            101,
            remark(1, content=SCRIPTS + WORDS, author="Eve\r\nBcc: all@example.org", user_id="0"),
            remark(2, content=f"No, {WORDS}", parent="999", author=f"Orphan\u200b {TURN}live"),
            title="Sums {{ 7*7 }} and {% raise %}",
            content=DEEP,
        ),
        post(
            102, title="Ferry\r\nBcc: victim@example.org\r\n\r\n<b>late</b>", content=f"The ferry was late. __NL_UNSUB__ {MARK} {{{{ holes.view }}}}"
        ),
        post(103, title=f"__NL_UNSUB__ {MARK}", content=f"Placeholders, everywhere. <!--{MARK[:13]} begin article-1-->"),
        post(104, title="From 1970", date="1970-01-01 00:00:00"),
        post(105, title="From 2099", date="2099-01-01 00:00:00"),
        post(106, title="Open <b> & &lt;script&gt;", content="<p>Open <b>bold <a href='javascript:alert(6)'>link</a> <table><tr><td>"),
        post(107, title="Where to?").replace("https://paper.example/107/", "javascript:alert(7)"),
        post(108, title="Quoted").replace("https://paper.example/108/", 'https://paper.example/108/"onmouseover="alert(8)'),
        post(109, title=f"{TURN}gpj.exe\u200b and a \x07bell", content="The bell rang seven times on the quay."),
        UNCLOSED,
        post(111, title="=?utf-8?q?Encoded?= words", content=".\n.\nFrom here on, dots."),
        authors=[("tmarsh", "7", "Tilda\nMarsh <script>alert(9)</script>")],
    )


READERS = """\ufeffE-Mail;Name;Language
ann@example.com;Ann;en
ann@example.com;Ann again;en
ANN@EXAMPLE.COM;Ann;en
broken@;Nobody;
;Nobody;
bob@example.com;"Bob
Bcc: all@example.org";en
zoe@example.com;Zoë {{ 7*7 }} __NL_UNSUB__;en
"open@example.com;Open;en
"""


@pytest.fixture
def hostile(publication: Publication) -> Publication:
    (publication.folder / "hostile.xml").write_text(hostile_export())
    (publication.folder / "readers.csv").write_text(READERS)
    configure(publication, '[sources.hostile]\nkind = "wxr"\nfile = "hostile.xml"')
    configure(publication, "[newsletters.weekly.limits]\narticles = 20")
    path = publication.folder / "digest.toml"
    path.write_text(path.read_text().replace('cadence = "weekly"', 'cadence = "weekly"\nsources = ["hostile"]'))
    publication.run("db", "upgrade")
    return publication


def test_hostile_content_makes_whole_mails(hostile: Publication) -> None:
    (report,) = hostile.json("sync", "hostile")
    assert (report["counts"]["new_articles"], report["counts"]["new_comments"]) == (7, 2)
    told = {re.sub(r"line \d+ ?", "", problem["where"]).strip("()") for problem in report["problems"]}
    assert {"post 104", "post 105", "post 107"} <= told
    assert any("not well-formed" in problem["what"] for problem in report["problems"])

    counts = hostile.json("subscribers", "import", "weekly", "readers.csv", code=3)
    assert (counts["added"], counts["duplicates"], counts["wrong"]) == (2, 2, 4)
    assert [problem["line"] for problem in counts["problems"]] == [5, 6, 7, 10]
    assert counts["example"]["address"] == "a•••@example.com"
    assert "@example" not in str(counts["problems"])

    (stand,) = hostile.json("send", "weekly", "--at", SLOT)
    assert stand["deliveries"]["accepted"] == 2
    for path in (hostile.folder / "outbox").iterdir():
        look_over(email.message_from_bytes(path.read_bytes(), policy=email.policy.default), path.read_bytes())


def look_over(message: EmailMessage, data: bytes) -> None:
    head, _, _ = data.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert message.defects == []
    assert len(names) == len(set(names))
    assert not {b"bcc", b"cc"} & set(names)
    assert "{{ 7*7 }} and {% raise %}" in message["Subject"]
    assert message["To"].addresses[0].addr_spec in ("ann@example.com", "zoe@example.com")
    html, text = part(message, "html"), part(message, "plain")
    assert {finding.where for finding in lint(html, text)} == {"template"}  # the titles that look like one
    page = parser.document_fromstring(html)
    assert page.xpath("//script | //svg | //*[@onerror or @onload or @onmouseover]") == []
    assert [link for link in page.xpath("//@href | //@src") if not link.startswith("https://")] == []
    for content in (page.text_content(), text):
        flat = " ".join(content.split())
        for shown in ("Sums {{ 7*7 }} and {% raise %}", f"__NL_UNSUB__ {MARK}", "gpj.exe and a bell", "=?utf-8?q?Encoded?= words", "Deep words"):
            assert shown in flat, shown
        assert "alert(1)" not in flat
        assert "all@example.org" not in flat
        assert "49" not in re.sub(r"\d{5,}", "", flat.partition("Unsubscribe")[0])
        assert not re.search("[\u200b\u202a-\u202e\x00-\x08]", content)


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content
