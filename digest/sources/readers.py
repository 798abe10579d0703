"""Which reader a source's kind asks for, and with what it is called."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from digest.errors import SettingsError
from digest.settings import Settings, Source
from digest.sources.http import Client
from digest.sources.read_feed import read_feed
from digest.sources.values import Event, Known
from digest.sources.wordpress import read_wordpress
from digest.sources.wxr import read_wxr


def placed(settings: Settings, source: Source) -> Source:
    """With its file's whole path: the readers know nothing of the settings' folder."""
    return source.model_copy(update={"file": str(settings.path(source.file))}) if source.file else source


def location(source: Source) -> str:
    return source.file or source.url


def read(source: Source, *, settings: Settings, client: Client, memory: Mapping[str, object], known: Known, now: datetime) -> Iterator[Event]:
    """The events of a source that was `placed`. Raises `SourceError`, and `SettingsError` when its password cannot be read."""
    if not location(source) or (source.kind == "wxr" and not source.file):
        raise SettingsError(f"It names no {'file' if source.kind == 'wxr' else 'url'} in digest.toml: there is nothing to read.")
    if source.kind == "wxr":
        return read_wxr(Path(source.file), source=source, memory=memory, known=known, now=now)
    password = settings.secret(source.password, source.password_file)
    reader = read_wordpress if source.kind == "wordpress" else read_feed
    return reader(source, password=password, client=client, memory=memory, known=known, now=now)
