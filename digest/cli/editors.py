"""`digest editors`: the accounts of the people who edit."""

import getpass
import sys
from pathlib import Path

import click
from rich.markup import escape
from sqlalchemy import Engine

from digest.accounts import accounts, staff
from digest.accounts.names import harmless
from digest.accounts.roles import DeskRole
from digest.cli.console import moment, out, print_json, settings_of, table_of
from digest.errors import AccountError
from digest.wiring import clock, open_store

ROLE = click.Choice([role.value for role in DeskRole])
PASSWORD_FILE = click.option(
    "--password-file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path), metavar="FILE", help="Read it there, or from -."
)


@click.group()
def editors() -> None:
    """Let people into the editors' desk, and out of it.

    \b
    A writer edits and sends tests; a publisher also approves, sends and keeps
    settings; an admin also works on accounts, readers and themes.
    """


@editors.command("add")
@click.argument("name")
@click.option("--role", type=ROLE, default=DeskRole.WRITER.value, show_default=True, help="What they may do.")
@PASSWORD_FILE
@click.pass_context
def add(context: click.Context, name: str, role: str, password_file: Path | None) -> None:
    """Make an account, or open a closed one again.

    The password is asked for. The first account must be an admin's. A desk that is running takes notice of the first one when it is started again.
    """
    store = open_store(settings_of(context))
    staff.add(store, name, DeskRole(role), _password(password_file), who=_user(), now=clock())
    out.print(f"{name} may sign in, as {role}.", markup=False)


@editors.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def list_command(context: click.Context, as_json: bool) -> None:
    """Who has an account, and when they were last at the desk."""
    settings = settings_of(context)
    with open_store(settings).connect() as connection:
        everybody = accounts.everybody(connection, now=clock())
    if as_json:
        keys = ("name", "role", "created_at", "closed_at", "seen_at", "sessions")
        print_json([{key: getattr(one, key) for key in keys} for one in everybody])
        return
    if not everybody:
        out.print("There is no account yet: the desk is for this machine alone.")
        return
    zone = settings.publication.time_zone
    table = table_of("Editors", "Name", "Role", "Since", "Last seen", "Closed")
    for one in everybody:
        closed = moment(one.closed_at, zone) if one.closed_at else ""
        table.add_row(escape(one.name), one.role.value, moment(one.created_at, zone), moment(one.seen_at, zone), closed)
    out.print(table)


@editors.command("role")
@click.argument("name")
@click.argument("role", type=ROLE)
@click.pass_context
def role_command(context: click.Context, name: str, role: str) -> None:
    """Give somebody another role, from their next click on."""
    store = open_store(settings_of(context))
    staff.give_role(store, _account(store, name), DeskRole(role), who=_user(), now=clock())
    out.print(f"{name} is {role} now.", markup=False)


@editors.command("password")
@click.argument("name")
@PASSWORD_FILE
@click.pass_context
def password_command(context: click.Context, name: str, password_file: Path | None) -> None:
    """Give somebody another password; they are signed out everywhere."""
    store = open_store(settings_of(context))
    account = _account(store, name)
    staff.give_password(store, account, _password(password_file), who=_user(), now=clock())
    out.print(f"{name} has another password, and is signed out everywhere.", markup=False)


@editors.command("close")
@click.argument("name")
@click.pass_context
def close_command(context: click.Context, name: str) -> None:
    """Close an account: they are signed out, and may not sign in any more."""
    store = open_store(settings_of(context))
    staff.close(store, _account(store, name), who=_user(), now=clock())
    out.print(f"{name} is signed out, and may not sign in any more.", markup=False)


@editors.command("sign-out")
@click.argument("name")
@click.pass_context
def sign_out_command(context: click.Context, name: str) -> None:
    """Sign somebody out of every browser; they may sign in again."""
    store = open_store(settings_of(context))
    count = staff.sign_out(store, _account(store, name), who=_user(), now=clock())
    out.print(f"{name} was signed out of {count} browser{'' if count == 1 else 's'}.", markup=False)


def _account(store: Engine, name: str) -> int:
    with store.connect() as connection:
        return accounts.find(connection, name)


def _password(file: Path | None) -> str:
    """From the file, or asked for twice; never from the command line, which all users of the machine can read."""
    if file is None:
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return asked
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise AccountError(f"The password file {file} holds no text: is it the right file?") from error
    return text.rstrip("\r\n")


def _user() -> str:
    """Who did it, for the log."""
    try:
        return harmless(getpass.getuser()) or "command line"
    except (OSError, KeyError):
        return "command line"
