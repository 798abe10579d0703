"""The readers' pages by the real command: alone, beside the mails, and beside somebody who has taken their address."""

import email
import email.policy
import http.client
import re
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.paper import SLOT, Publication, configure


def lines_until(process: "subprocess.Popen[str]", pattern: str) -> re.Match[str]:
    """Reads what the process says until a line matches."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(pattern, line):
            return found
    pytest.fail(f"it ended without saying so:\n{''.join(said)}")


def port_of(process: "subprocess.Popen[str]") -> int:
    return int(lines_until(process, r"pages listen on 127\.0\.0\.1:(\d+)")[1])


def ask(port: int, method: str, path: str, sent: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if sent else {}
    connection.request(method, path, body=sent or None, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def ended(process: "subprocess.Popen[str]") -> str:
    """Stops it as systemd does; the rest of what it said."""
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return err


def pages_on(publication: Publication, listen: str) -> None:
    text = (publication.folder / "digest.toml").read_text()
    url = re.search(r'^url = "(https://[^"]+)"', text.partition("[pages]")[2], flags=re.MULTILINE)
    assert url is not None
    configure(publication, f'[pages]\nurl = "{url[1]}"\nlisten = "{listen}"')


def test_a_mail_is_seen_in_the_browser_and_left_by_one_click(publication: Publication) -> None:
    pages_on(publication, "127.0.0.1:0")
    publication.settle_in()
    publication.run("send", "weekly", "--at", SLOT)
    path = next((publication.folder / "outbox").glob("*.eml"))
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    html = mail.get_body(("html",))
    assert html is not None
    leave = urlsplit(mail["List-Unsubscribe"].split(">")[0].strip("<")).path
    view = urlsplit(re.findall(r'href="(https://[^"]+/view/[^"]+)"', html.get_content())[0]).path

    serving = publication.start("serve")
    port = port_of(serving)
    assert ask(port, "GET", "/healthz") == (200, "ok")
    assert ask(port, "GET", view) == (200, html.get_content())
    assert ask(port, "POST", leave, "List-Unsubscribe=One-Click")[0] == 200
    said = ended(serving)
    assert "POST /leave/{token} 200" in said
    assert leave.rsplit("/", 1)[1] not in said
    left = publication.json("subscribers", "list", "weekly", "--state", "unsubscribed")
    assert [one["address"] for one in left] == [mail["To"].addresses[0].addr_spec]


def test_the_run_serves_them_beside_the_mails(publication: Publication) -> None:
    pages_on(publication, "127.0.0.1:0")
    publication.settle_in()
    running = publication.start("run")
    assert ask(port_of(running), "GET", "/")[0] == 200
    ended(running)


def test_an_address_that_is_taken_keeps_no_mail_from_going_out(publication: Publication) -> None:
    publication.settle_in()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        pages_on(publication, f"127.0.0.1:{taken.getsockname()[1]}")
        publication.run("serve", code=1)
        running = publication.start("run")
        lines_until(running, "cannot listen on .*: Address already in use.* The mails go out none the less")
        ended(running)


def test_a_unix_socket_lives_as_long_as_the_command(publication: Publication, tmp_path: Path) -> None:
    publication.run("db", "upgrade")
    path = tmp_path / "pages.sock"
    serving = publication.start("serve", "--listen", f"unix:{path}")
    lines_until(serving, "pages listen on unix:")
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert line.recv(1_000).startswith(b"HTTP/1.1 200")
    ended(serving)
    assert not path.exists()
