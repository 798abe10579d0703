"""Which declared keys sign whose mails, and what is said of those that cannot."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from digest.checkup import Finding, Level, check_up
from digest.delivery.dkim_settings import every_key, keys_for
from digest.errors import SendingRefused, SettingsError
from digest.settings import Settings, parse, read
from digest.wiring import require_sendable
from tests.delivery.dkim_verifiers import pem

RSA = {"selector": "one", "key": pem("rsa")}


def settings_for(folder: Path, *keys: dict[str, str], transport: str = "folder", **senders: str) -> Settings:
    letters = {slug: {"title": slug, "from_address": address} for slug, address in (senders or {"weekly": "news@lantern.example"}).items()}
    publication = {"postal_address": "1 Quay", "url": "https://lantern.example"}
    pages = {"url": "https://lantern.example/letters", "keys": "a-key"}
    delivery = {"dkim": list(keys), "transport": transport, "smtp": {"host": "127.0.0.1", "port": 9}}
    return parse({"publication": publication, "pages": pages, "newsletters": letters, "delivery": delivery}, folder=folder)


def found_by_check(settings: Settings) -> list[Finding]:
    return [finding for finding in check_up(settings) if "dkim" in f"{finding.about} {finding.text}".lower()]


@pytest.mark.parametrize(
    ("sender", "domain", "signs_as"),
    [
        ("news@lantern.example", "", "lantern.example"),
        ("news@Lantern.Example", "LANTERN.example", "lantern.example"),
        ("news@mail.lantern.example", "lantern.example", "lantern.example"),
        ("news@mail.lantern.example", "mail.lantern.example", "mail.lantern.example"),
        ("news@grüße.example", "grüße.example", "xn--gre-6ka8l.example"),
        ("news@grüße.example", "", "xn--gre-6ka8l.example"),
    ],
)
def test_a_key_signs_for_its_domain_and_those_below(tmp_path: Path, sender: str, domain: str, signs_as: str) -> None:
    (key,) = keys_for(settings_for(tmp_path, RSA | {"domain": domain}), sender)
    assert (key.domain, key.name) == (signs_as, f"one._domainkey.{signs_as}")


@pytest.mark.parametrize("domain", ["other.example", "xlantern.example", "mail.lantern.example", "lantern.example.net"])
def test_a_key_that_does_not_fit_the_sender_stops_the_send(tmp_path: Path, domain: str) -> None:
    settings = settings_for(tmp_path, RSA | {"domain": domain})
    with pytest.raises(SendingRefused, match=f"no key for lantern.example.*keys are for {domain}"):
        require_sendable(settings, "weekly")
    assert Level.WRONG in {finding.level for finding in found_by_check(settings)}


def test_newsletters_of_two_domains_have_a_key_each(tmp_path: Path) -> None:
    keys = (RSA | {"domain": "a.example"}, RSA | {"domain": "b.example", "selector": "two"})
    settings = settings_for(tmp_path, *keys, weekly="x@a.example", daily="x@b.example")
    assert [[key.name for key in keys_for(settings, f"x@{name}.example")] for name in "ab"] == [
        ["one._domainkey.a.example"],
        ["two._domainkey.b.example"],
    ]
    require_sendable(settings, "weekly")
    require_sendable(settings, "daily")


def test_a_key_without_a_domain_is_every_senders(tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, RSA, {"selector": "two", "key": pem("ed25519"), "domain": "c.example"}, weekly="x@b.example", daily="x@a.example"
    )
    assert [key.name for key in every_key(settings)] == ["one._domainkey.a.example", "one._domainkey.b.example", "two._domainkey.c.example"]
    assert [(finding.level, "signs nothing" in finding.text) for finding in found_by_check(settings)] == [
        (Level.GOOD, False),
        (Level.GOOD, False),
        (Level.NOTE, True),
    ]


def test_without_keys_nothing_is_signed_and_nothing_refused(tmp_path: Path) -> None:
    assert keys_for(settings_for(tmp_path), "news@lantern.example") == ()
    require_sendable(settings_for(tmp_path), "weekly")
    assert found_by_check(settings_for(tmp_path)) == []
    assert [finding.level for finding in found_by_check(settings_for(tmp_path, transport="smtp"))] == [Level.NOTE]


def weak() -> str:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def locked() -> str:
    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")).decode()


def elliptic() -> str:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"selector": "one", "key": weak()}, "RSA key of 1024 bits"),
        ({"selector": "one", "key": locked()}, "locked with a password"),
        ({"selector": "one", "key": elliptic()}, "neither an RSA nor an Ed25519 key"),
        ({"selector": "one", "key": "nonsense"}, "holds no private key in PEM form"),
        ({"selector": "one"}, "names neither key_file nor"),
        ({"selector": "one", "key_file": "gone.pem"}, "gone.pem cannot be read: No such file"),
        ({"selector": "one", "key_file": "."}, "cannot be read: Is a directory"),
        ({"selector": "one", "key_file": "picture"}, "picture holds no text"),
        (RSA | {"selector": "one two"}, "no good selector"),
        (RSA | {"selector": "x; d=other.example"}, "no good selector"),
        (RSA | {"selector": ""}, "no good selector"),
        (RSA | {"domain": "example"}, "“example” is no domain"),
        (RSA | {"domain": "x.example; s=y"}, "is no domain"),
        (RSA | {"domain": "ü ü"}, "“ü ü” is no domain"),
    ],
)
def test_what_cannot_sign_is_said_and_stops_the_send(tmp_path: Path, declared: dict[str, str], said: str) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    (tmp_path / "picture").chmod(0o600)
    settings = settings_for(tmp_path, declared)
    with pytest.raises(SettingsError, match=f"(?s)^The DKIM key “{declared['selector']}”.*{said}"):
        keys_for(settings, "news@lantern.example")
    with pytest.raises(SendingRefused, match=said):
        require_sendable(settings, "weekly")
    assert [(finding.level, said in finding.text) for finding in found_by_check(settings)] == [(Level.WRONG, True)]


def test_a_key_made_by_another_program_is_taken(tmp_path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=3072)  # BEGIN RSA PRIVATE KEY, as opendkim-genkey and old openssl write it
    (tmp_path / "old.pem").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    (key,) = keys_for(settings_for(tmp_path, {"selector": "one", "key_file": "old.pem"}), "news@lantern.example")
    private.public_key().verify(key.sign(b"text"), b"text", PKCS1v15(), SHA256())


def test_a_sender_without_a_domain_has_no_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no domain"):
        keys_for(settings_for(tmp_path, RSA), "news")


@pytest.mark.parametrize(("mode", "notes"), [(0o600, 0), (0o640, 1), (0o604, 1)])
def test_a_key_that_others_may_read_is_noticed(tmp_path: Path, mode: int, notes: int) -> None:
    file = tmp_path / "dkim.pem"
    file.write_text(pem("rsa"))
    file.chmod(mode)
    found = found_by_check(settings_for(tmp_path, {"selector": "one", "key_file": "dkim.pem"}))
    assert [finding.level for finding in found] == [Level.NOTE] * notes + [Level.GOOD]
    assert all("chmod 600 dkim.pem" in finding.text for finding in found[:notes])


def test_a_key_may_come_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_text('[[delivery.dkim]]\nselector = "one"\n\n[[delivery.dkim]]\nselector = "two"\nkey_file = "two.pem"\n')
    settings = read(file, {"DIGEST_DELIVERY__DKIM__0__KEY": pem("rsa"), "DIGEST_DELIVERY__DKIM__1__KEY_FILE": "2.pem"})
    assert [(one.selector, one.key_file) for one in settings.delivery.dkim] == [("one", ""), ("two", "2.pem")]
    assert settings.delivery.dkim[0].key.get_secret_value() == pem("rsa")


def test_an_entry_that_only_the_environment_has_is_told_what_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_text('[[delivery.dkim]]\nselector = "one"\n')
    with pytest.raises(SettingsError, match=r"delivery.dkim.1.selector: is missing") as error:
        read(file, {"DIGEST_DELIVERY__DKIM__1__KEY": "a secret"})
    assert "a secret" not in str(error.value)
