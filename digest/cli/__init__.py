"""The command `digest`. Each command lives in a module of its own that is loaded when it is called: start-up stays under a quarter second."""

import sys
from difflib import get_close_matches
from importlib import import_module

import click

from digest import __version__
from digest.errors import DigestError
from subscribers.errors import SubscribersError

# name → module and function; the order is the order of `digest --help`.
COMMANDS = {
    "demo": "demo:demo",
    "init": "init:init",
    "check": "check:check",
    "lint": "lint:lint",
    "sync": "sync:sync",
    "draft": "draft:draft",
    "preview": "preview:preview",
    "send": "send:send",
    "desk": "desk:desk",
    "run": "run:run",
    "serve": "serve:serve",
    "work": "work:work",
    "edition": "edition:edition",
    "status": "status:status",
    "why": "why:why_command",
    "subscribers": "subscribers:subscribers",
    "editors": "editors:editors",
    "embed": "embed:embed",
    "theme": "theme:theme",
    "dkim": "dkim:dkim",
    "db": "database:db",
}

SHORT_HELP = {
    "demo": "Show everything on an invented publication.",
    "init": "Write digest.toml and a signing key.",
    "check": "Look for what would go wrong, and say what to do.",
    "lint": "Look an edition's mail over before it goes out.",
    "sync": "Bring articles and comments in from the sources.",
    "draft": "Show what is in an edition, and why.",
    "preview": "Write the mail exactly as a reader gets it.",
    "send": "Publish an edition and hand it over; --due for cron.",
    "desk": "See what goes out, and have the last word.",
    "run": "Sync, publish, deliver and serve until stopped.",
    "serve": "Only serve the readers' pages.",
    "work": "Only deliver what is queued.",
    "edition": "Approve, hold, test, pause or cancel an edition.",
    "status": "Show editions, deliveries, sources and readers.",
    "why": "Tell why a reader did or did not get an edition.",
    "subscribers": "Add, list, import, export and remove readers.",
    "editors": "Let people into the desk, and out of it.",
    "embed": "Print the box to subscribe with, for any site.",
    "theme": "Make a theme of your own, and look it over.",
    "dkim": "Make keys that sign mails, and their DNS records.",
    "db": "Bring the database's tables up to date.",
}

EXIT_CODES = """\b
Exit codes:
  0  done, or nothing to do
  1  it could not be done: the message says what is wrong and what to do
  2  the command line was not understood
  3  done in part: a source failed, or mails wait, were refused or are unknown
  4  `preview`: there is nothing new for such a reader, so they get no mail
"""


class Lazy(click.Group):
    """A group that knows its commands' names and one-line helps without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"digest.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SHORT_HELP.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise _with_nearest(error, args[0]) from None


def _with_nearest(error: click.UsageError, word: str) -> click.UsageError:
    near = get_close_matches(word, COMMANDS, n=1)
    return click.UsageError(f"No such command “{word}”.{f' Did you mean “{near[0]}”?' if near else ''}", error.ctx)


@click.group(cls=Lazy, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--config", default="digest.toml", envvar="DIGEST_CONFIG", metavar="FILE", show_default=True, help="The settings file.")
@click.version_option(__version__, prog_name="digest")
@click.pass_context
def digest(context: click.Context, config: str) -> None:
    """Builds a newsletter from a site's articles and its readers' best comments, and sends it.

    \b
    The first five minutes:
      digest demo                    see it work on an invented publication
      digest init                    write digest.toml, then fill it in
      digest db upgrade              make the tables
      digest check                   see what is still missing
      digest sync                    bring your articles and comments in
      digest preview weekly --html mail.html
    """
    context.obj = config


def main() -> None:
    """The program's entry: every error a person can act on ends as its sentence and exit code 1."""
    try:
        digest(prog_name="digest")
    except (DigestError, SubscribersError) as error:
        _give_up(str(error))
    except OSError as error:  # a file or folder that somebody named
        _give_up(f"{error.filename}: {error.strerror}." if error.filename else f"{error}.")


def _give_up(sentence: str) -> None:
    click.secho(sentence, fg="red", err=True)
    sys.exit(1)
