"""`digest dkim new`, `show` and `check`: keys that sign mails, and their records in DNS."""

from pathlib import Path
from typing import Literal

import click
from pydantic import SecretStr
from rich.markup import escape

from digest.cli.console import out, settings_of
from digest.delivery.dkim import Key
from digest.delivery.dkim_key import new_key
from digest.delivery.dkim_record import record, trouble, zone_lines
from digest.delivery.dkim_settings import domain_of, every_key, load
from digest.delivery.dns_text import texts
from digest.errors import DigestError
from digest.settings import Dkim, Settings
from digest.wiring import clock


@click.group()
def dkim() -> None:
    """Make keys that sign mails, and their DNS records."""


@dkim.command()
@click.option("--domain", default="", metavar="DOMAIN", help="The domain that signs; default: that of the newsletters' from_address.")
@click.option("--selector", default="", metavar="NAME", help="The key's name in DNS; default: made of the year and month, like digest202611.")
@click.option("--type", "kind", type=click.Choice(["rsa", "ed25519"]), default="rsa", show_default=True, help="Every receiver knows rsa.")
@click.option("--force", is_flag=True, help="Overwrite the key file when there is one.")
@click.pass_context
def new(context: click.Context, domain: str, selector: str, kind: Literal["rsa", "ed25519"], force: bool) -> None:
    """Make a key, and print what to put into DNS and into digest.toml.

    The private key is written beside digest.toml, for its owner's eyes only. digest.toml is left as it is:
    add the lines when the record can be seen (`digest dkim check`).
    """
    settings = settings_of(context)
    selector = selector or f"digest{clock():%Y%m}{'e' if kind == 'ed25519' else ''}"
    declared = Dkim(selector=selector, domain=domain, key=SecretStr(new_key(kind)))
    key = load(settings, declared, "" if domain else _only_domain(settings))
    file = f"dkim-{selector}.pem"
    _write(settings.path(file), declared.key.get_secret_value(), force=force)
    out.print(f"Wrote {escape(str(settings.path(file)))}: keep it secret, and out of the repository.\n")
    _show(key)
    lines = ["[[delivery.dkim]]", f'selector = "{selector}"', *([f'domain = "{domain}"'] if domain else []), f'key_file = "{file}"']
    out.print("\nThen these lines into digest.toml:\n\n" + escape("\n".join(lines)))


@dkim.command()
@click.pass_context
def show(context: click.Context) -> None:
    """Print the DNS record of every declared key."""
    for key in _declared(context):
        _show(key)


@dkim.command()
@click.option("--server", default="", metavar="IP", help="Ask this name server, say your domain's own; default: the system's.")
@click.option("--port", default=53, show_default=True, type=click.IntRange(1, 65535), metavar="PORT", help="The server's port.")
@click.pass_context
def check(context: click.Context, server: str, port: int) -> None:
    """Ask DNS whether the record of every declared key is there and right.

    Exit code 1 when one is not.
    """
    wrong = False
    for key in _declared(context):
        found = trouble(key, texts(key.name, server=server, port=port))
        out.print(f"[red]✗[/] {key.name} {escape(found)}" if found else f"[green]✓[/] {key.name} is published, and right")
        wrong = wrong or bool(found)
    if wrong:
        context.exit(1)


def _declared(context: click.Context) -> tuple[Key, ...]:
    keys = every_key(settings_of(context))
    if not keys:
        raise DigestError("digest.toml declares no [[delivery.dkim]] key: `digest dkim new` makes one.")
    return keys


def _only_domain(settings: Settings) -> str:
    domains = {domain_of(letter.from_address) for letter in settings.newsletters.values()} - {""}
    if len(domains) != 1:
        raise DigestError(f"For which domain? Name it with --domain (newsletters are sent from: {', '.join(sorted(domains)) or 'none yet'}).")
    return domains.pop()


def _write(path: Path, pem: str, *, force: bool) -> None:
    if path.exists() and not force:
        raise DigestError(f"{path} is there already, and mails may be signed with it: choose another --selector, or overwrite it with --force.")
    path.unlink(missing_ok=True)  # so that the new one has this mode from the first moment, whatever the old one had
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(pem, encoding="ascii")


def _show(key: Key) -> None:
    out.print(f"The record to publish, a TXT at [bold]{key.name}[/]; as one text:\n\n{record(key)}\n", soft_wrap=True)
    out.print(f"and for a zone file:\n\n{zone_lines(key)}", soft_wrap=True)
