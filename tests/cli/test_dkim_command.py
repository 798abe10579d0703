"""`digest dkim`: from no key to mails that are signed, as somebody would do it."""

import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from digest.cli import digest
from digest.delivery.dkim_key import read_key
from digest.delivery.dkim_record import record, trouble
from tests.delivery.dkim_verifiers import key as some_key
from tests.delivery.name_server import NameServer

LETTER = '[newsletters.weekly]\ntitle = "Weekly"\nfrom_address = "news@lantern.example"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "digest.toml").write_text(LETTER)
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(digest, ["--config", str(folder / "digest.toml"), "dkim", *words])


def add_what_is_printed(folder: Path, printed: str) -> None:
    with (folder / "digest.toml").open("a") as file:
        file.write("\n" + printed.partition("[[delivery.dkim]]")[1] + printed.partition("[[delivery.dkim]]")[2])


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_new_key_is_for_its_owner_only_and_its_record_and_lines_are_printed(folder: Path, kind: str) -> None:
    made = run(folder, "new", "--type", kind, "--selector", "autumn")
    file = folder / "dkim-autumn.pem"
    key = read_key(file.read_text(), selector="autumn", domain="lantern.example", about="The key")
    assert made.exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "a TXT at autumn._domainkey.lantern.example" in made.output
    assert record(key) in made.output.splitlines()
    assert "".join(re.findall(r'^    "([^"]+)"$', made.output, re.MULTILINE)) == record(key)
    assert "PRIVATE" not in made.output
    add_what_is_printed(folder, made.output)
    assert record(key) in run(folder, "show").output.splitlines()


def test_a_key_is_never_overwritten_unless_asked_for(folder: Path) -> None:
    run(folder, "new", "--selector", "autumn")
    file = folder / "dkim-autumn.pem"
    first = file.read_text()
    file.chmod(0o644)
    refused = run(folder, "new", "--selector", "autumn")
    assert "dkim-autumn.pem is there already" in str(refused.exception)
    assert file.read_text() == first
    assert run(folder, "new", "--selector", "autumn", "--force").exit_code == 0
    assert file.read_text() != first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_is_called_by_its_month(folder: Path) -> None:
    selectors = [re.search(r'^selector = "(.+)"$', run(folder, "new", "--type", kind).output, re.MULTILINE) for kind in ("rsa", "ed25519")]
    names = [found[1] for found in selectors if found]
    assert re.fullmatch(r"digest20\d{4}", names[0]) and names[1] == f"{names[0]}e"
    assert sorted(path.name for path in folder.glob("*.pem")) == [f"dkim-{name}.pem" for name in names]


def test_a_domain_that_is_named_is_written_down(folder: Path) -> None:
    made = run(folder, "new", "--selector", "autumn", "--domain", "example.org")
    assert "autumn._domainkey.example.org" in made.output
    assert '\ndomain = "example.org"\n' in made.output


@pytest.mark.parametrize("more", ["", LETTER.replace("weekly", "daily").replace("lantern", "other")])
def test_which_domain_is_asked_for_when_it_is_not_clear(folder: Path, more: str) -> None:
    (folder / "digest.toml").write_text(LETTER + more if more else "")
    asked = run(folder, "new")
    assert "Name it with --domain" in str(asked.exception)
    assert not list(folder.glob("*.pem"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--selector", "no good"], "no good selector"),
        (["--selector", "a/../../up"], "no good selector"),
        (["--selector", "a", "--domain", "org"], "“org” is no domain"),
    ],
)
def test_a_key_that_could_not_sign_is_not_made(folder: Path, wrong: list[str], said: str) -> None:
    assert said in str(run(folder, "new", *wrong).exception)
    assert not list(folder.rglob("*.pem"))


@pytest.mark.parametrize("command", ["show", "check"])
def test_without_keys_it_is_said_how_to_make_one(folder: Path, command: str) -> None:
    assert "`digest dkim new` makes one" in str(run(folder, command).exception)


def test_check_asks_dns_for_every_key(folder: Path) -> None:
    for name in ("one", "two"):
        add_what_is_printed(folder, run(folder, "new", "--selector", name).output)
    pem = (folder / "dkim-one.pem").read_text()
    one = read_key(pem, selector="one", domain="lantern.example", about="The key")
    with NameServer({one.name: [record(one)], "two._domainkey.lantern.example": [record(one)]}) as server:
        half = run(folder, "check", "--server", "127.0.0.1", "--port", str(server.port))
        server.records = {one.name: [record(one)], "two._domainkey.lantern.example": _shown(folder)[1:]}
        whole = run(folder, "check", "--server", "127.0.0.1", "--port", str(server.port))
    assert (half.exit_code, whole.exit_code) == (1, 0)
    assert "✓ one._domainkey.lantern.example is published, and right" in half.output
    assert "✗ two._domainkey.lantern.example is published with another key" in half.output
    assert whole.output.count("✓") == 2
    assert trouble(some_key("rsa"), _shown(folder)[:1])


def _shown(folder: Path) -> list[str]:
    return re.findall(r"^v=DKIM1.*$", run(folder, "show").output, re.MULTILINE)
