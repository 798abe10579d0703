"""`digest embed`: the box beside an article, as HTML for any site."""

import click

from digest.cli.console import err, settings_of
from digest.render.translation import languages
from digest.web.snippet import Box, Manner, box
from digest.wiring import clock, open_store
from subscribers.wording import keep


@click.command()
@click.argument("newsletter")
@click.option("--title", default="", metavar="WORDS", help="The heading; default: one of ours.")
@click.option("--text", default="", metavar="WORDS", help="A sentence below it; default: the newsletter's description.")
@click.option("--button", default="", metavar="WORDS", help="The words on the button.")
@click.option("--language", default="", type=click.Choice(["", *languages()]), metavar="TAG", help="Of our own texts; default: the newsletter's.")
@click.option("--no-script", is_flag=True, help="Leave the script out: the answer is a page of ours.")
@click.option("--plain", is_flag=True, help="Leave the style out: the site has its own (classes digest-box-…).")
@click.pass_context
def embed(context: click.Context, newsletter: str, title: str, text: str, button: str, language: str, no_script: bool, plain: bool) -> None:
    """Print the box to subscribe with, for any page of any site.

    The words that people agree to are kept in the database, by their version, which the box names: run it again when they change.
    """
    settings = settings_of(context)
    manner = Manner(title=title, text=text, button=button, language=language, script=not no_script, style=not plain)
    made = box(settings, settings.newsletter(newsletter), manner)
    engine = open_store(settings)
    with engine.begin() as connection:
        version = keep(connection, made.wording, now=clock())
    engine.dispose()
    click.echo(made.html, nl=False)
    err.print(f"The words beside the button are kept as version {version}. {_allowances(settings.pages.url, made)}", soft_wrap=True, markup=False)


def _allowances(url: str, made: Box) -> str:
    asks = {"form-action": url, **made.policy, **({"connect-src": url} if made.script else {})}
    listed = "; ".join(f"{directive} {allowed}" for directive, allowed in asks.items())
    return f"A site with a Content-Security-Policy has to allow: {listed}"
