"""`digest demo`: the whole line on the invented paper, into a folder or over SMTP, and never over somebody's files."""

import email
import email.policy
import subprocess
import sys
from pathlib import Path

from digest.render.lint import lint
from digest.settings import read
from tests.journeys.paper import READERS, Mailbox


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "digest", "demo", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_the_demo_makes_a_mail_for_every_reader_and_says_where_to_look(tmp_path: Path) -> None:
    shown = demo(tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert f"{READERS} accepted for {READERS} readers" in shown.stdout
    assert "demo/mail.html" in shown.stdout
    folder = tmp_path / "demo"
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in (folder / "outbox").glob("*.eml")]
    assert len({mail["To"] for mail in mails}) == READERS
    page, text = (folder / "mail.html").read_text(), (folder / "mail.txt").read_text()
    site = read(folder / "digest.toml", {}).publication.url
    assert lint(page.replace('src="images/', f'src="{site}/images/'), text, colours=read(folder / "digest.toml", {}).publication.colours) == ()
    assert all((folder / name).is_file() for name in ("images/logo.png", "digest.toml", "harbour.xml"))


def test_the_demo_is_the_same_every_time_but_for_what_is_random_by_design(tmp_path: Path) -> None:
    pages = []
    for name in ("one", "two"):
        assert demo(tmp_path, "--folder", name).returncode == 0
        pages.append([line for line in (tmp_path / name / "mail.txt").read_text().splitlines() if "weekly.thelanternquay.example" not in line])
    assert pages[0] == pages[1]


def test_the_demo_over_smtp(tmp_path: Path, mailbox: Mailbox) -> None:
    shown = demo(tmp_path, "--smtp", f"127.0.0.1:{mailbox.port}")
    assert shown.returncode == 0, shown.stderr
    assert sorted(mailbox.counts.values()) == [1] * READERS


def test_the_demo_clears_only_what_a_demo_made(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "novel.txt").write_text("chapter one")
    refused = demo(tmp_path)
    assert refused.returncode == 1
    assert "name another folder" in refused.stderr
    assert (tmp_path / "demo" / "novel.txt").read_text() == "chapter one"
