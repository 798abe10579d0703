"""`digest theme`: themes of your own, begun, looked over and listed."""

from dataclasses import asdict

import click
from rich.markup import escape
from rich.table import Table

from digest.cli.console import err, out, print_json, settings_of
from digest.render.lint import Level
from digest.render.theme import BASE
from digest.themes.checking import Found, look_over
from digest.themes.files import files_of, own_folder, themes
from digest.themes.writing import begin

MARKS = {Level.NOTE: "[blue]•[/]", Level.WARNING: "[yellow]▲[/]", Level.ERROR: "[red]✗[/]"}


@click.group()
def theme() -> None:
    """Make a theme of your own, look it over, and list those there are.

    What a template gets is told in docs/themes.md.
    """


@theme.command()
@click.argument("name")
@click.option("--from", "like", default=BASE, metavar="THEME", show_default=True, help="The theme whose files it begins with.")
@click.pass_context
def new(context: click.Context, name: str, like: str) -> None:
    """Begin a theme with a copy of another's files.

    They are written into the folder of your themes (render.themes in digest.toml). Delete what you leave as it is: it is lent by
    classic then, and renewed with the program.
    """
    settings = settings_of(context)
    written = begin(settings, name, like)
    out.print(f"Wrote {len(written)} files into {escape(str(own_folder(settings) / name))}", soft_wrap=True)
    out.print(
        f"\nNext:\n"
        f'  1. theme = "{name}" in the table of a newsletter, in digest.toml\n'
        f"  2. change a file; what it gets is told in docs/themes.md\n"
        f"  3. digest theme check {name}\n"
        f"  4. digest preview NEWSLETTER --html mail.html, or digest desk"
    )


@theme.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The same, for a script.")
@click.pass_context
def check(context: click.Context, name: str, as_json: bool) -> None:
    """Draw a theme on a specimen in every language, and look its mail over.

    Exit code 1 when it cannot be drawn, or anything but a note is found.
    """
    found = look_over(settings_of(context), name)
    if as_json:
        print_json([{**asdict(one.finding), "languages": one.languages} for one in found])
    else:
        for one in found:
            _show(one)
        if not found:
            out.print(f"[green]✓[/] “{name}” draws in every language, and its mail is as it should be.")
    if any(one.finding.level is not Level.NOTE for one in found):
        context.exit(1)


def _show(one: Found) -> None:
    finding = one.finding
    spoken = f" [dim]({', '.join(one.languages)})[/]" if one.languages else ""
    out.print(f"{MARKS[finding.level]} {escape(finding.where)}: {escape(finding.what)}{spoken}", soft_wrap=True)
    if finding.why:
        out.print(f"  {escape(finding.why)}\n  [dim]→[/] {escape(finding.mend)}", soft_wrap=True)


@theme.command("list")
@click.option("--json", "as_json", is_flag=True, help="The same, for a script.")
@click.pass_context
def list_themes(context: click.Context, as_json: bool) -> None:
    """List the themes there are, and the newsletters that are drawn in them."""
    settings = settings_of(context)
    found = themes(settings)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    table = Table("Theme", "Whose", "Files of yours", "Newsletters", box=None, pad_edge=False)
    for one in found:
        whose = "yours" if not one.ours else "the program’s, and yours" if one.own else "the program’s"
        number = str(sum(file.own for file in files_of(settings, one.name))) if one.own else ""
        table.add_row(escape(one.name), whose, number, escape(", ".join(one.newsletters)))
    out.print(table)
    for slug, letter in settings.newsletters.items():
        if letter.theme not in {one.name for one in found}:
            err.print(f"[red]{escape(slug)} wants the theme “{escape(letter.theme)}”, which is not there.[/]")
