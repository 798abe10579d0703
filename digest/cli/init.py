"""`digest init`: the first file."""

import secrets
from importlib.resources import files
from pathlib import Path

import click

from digest.cli.console import out


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", default="My Publication", metavar="NAME", show_default=True, help="The publication's name.")
@click.option("--url", default="https://www.example.org", metavar="URL", show_default=True, help="Its site.")
@click.option("--time-zone", default="UTC", metavar="ZONE", show_default=True, help="Its time zone, a name like Europe/Berlin.")
def init(folder: Path, name: str, url: str, time_zone: str) -> None:
    """Write digest.toml, with a comment on every line that matters, and a signing key.

    They are written into FOLDER, or here. Nothing that exists is overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True)
    template = (files("digest.cli") / "new.toml").read_text(encoding="utf-8")
    for mark, value in (("@NAME@", name), ("@URL@", url), ("@ZONE@", time_zone)):
        template = template.replace(mark, value.replace("\\", "\\\\").replace('"', '\\"'))
    _write(folder / "digest.toml", template, mode=0o644)
    _write(folder / "digest.key", secrets.token_urlsafe(32) + "\n", mode=0o600)
    out.print(
        "\nNext:\n"
        "  1. Fill in digest.toml: your site, the postal address, the sender.\n"
        "  2. digest db upgrade        makes the tables\n"
        "  3. digest check             says what is still missing\n"
        "  4. digest sync              brings your articles and comments in\n"
        "  5. digest preview weekly --html mail.html"
    )


def _write(path: Path, text: str, *, mode: int) -> None:
    if path.exists():
        out.print(f"{path} is there already: left as it is.")
        return
    path.touch(mode=mode)
    path.write_text(text, encoding="utf-8")
    out.print(f"Wrote {path}")
