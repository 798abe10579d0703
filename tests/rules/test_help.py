"""`--help` says what there is to know: every command and option in a sentence, every default and placeholder in words that mean something."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from digest.cli import SHORT_HELP, digest

# What click makes of a type by itself.
SAYS_NOTHING = ("TEXT", "INTEGER", "FLOAT", "PATH", "FILENAME", "DIRECTORY", "INTEGER RANGE", "FLOAT RANGE")


def below(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The command and all its commands, each with the words that lead to it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from below(found, (*path, name))


COMMANDS = list(below(digest))
OPTIONS = [
    pytest.param(option, command, id=" ".join(("digest", *path, option.opts[-1])))
    for path, command in COMMANDS
    for option in command.params
    if isinstance(option, click.Option)
]
every_command = pytest.mark.parametrize(("path", "command"), [pytest.param(*one, id=" ".join(("digest", *one[0]))) for one in COMMANDS])
every_option = pytest.mark.parametrize(("option", "command"), OPTIONS)


def is_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and not text.endswith("...")


@every_command
def test_every_command_tells_of_itself(path: tuple[str, ...], command: click.Command) -> None:
    shown = CliRunner().invoke(digest, [*path, "--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith(f"Usage: {' '.join(('digest', *path))}")
    first = (command.help or "").partition("\n\n")[0].strip()
    assert is_sentence(first)


@every_command
def test_every_command_tells_the_short_way_to_its_help(path: tuple[str, ...], command: click.Command) -> None:
    assert CliRunner().invoke(digest, [*path, "-h"]).output == CliRunner().invoke(digest, [*path, "--help"]).output


def test_no_line_of_a_list_of_commands_is_cut_off() -> None:
    below_a_group = {path: command.get_short_help_str(limit=70) for path, command in COMMANDS if len(path) > 1}
    lines = below_a_group | {(name,): line for name, line in SHORT_HELP.items()}
    assert {path: line for path, line in lines.items() if not is_sentence(line)} == {}


@every_option
def test_every_option_tells_of_itself(option: click.Option, command: click.Command) -> None:
    assert is_sentence(option.help or "")


@every_option
def test_what_an_option_wants_has_a_name(option: click.Option, command: click.Command) -> None:
    if not option.is_flag:
        assert option.make_metavar(click.Context(command)) not in SAYS_NOTHING
