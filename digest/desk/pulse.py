"""What an edition's pages depend on, in a few characters that change whenever it does: files, content, editions and what was done to them."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, func, select

from digest.accounts.tables import DeedRow
from digest.content.tables import ArticleRow, CommentRow, SourceRow
from digest.desk.studio import Studio
from digest.editions.tables import ChangeRow, EditionRow
from digest.newsletter import Newsletter
from digest.render.folders import templates_folder
from digest.settings import Settings

FILES = 2_000  # of themes, at most: beyond that it is some other folder
Stamp = tuple[object, ...]


def pulse(studio: Studio, newsletter: Newsletter | None = None, slot: datetime | None = None) -> str:
    """Of the whole desk or, with them, of one edition. It costs three small queries and a look at each theme's files."""
    with studio.reads.begin() as connection:
        done = connection.scalar(select(func.max(DeedRow.id)))
        its = edition_stamp(connection, newsletter, slot) if newsletter and slot else ()
        found = (files_stamp(studio), store_stamp(connection), done, its)
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


def files_stamp(studio: Studio) -> Stamp:
    """Of digest.toml, of one's own themes and of the program's."""
    studio.refresh()
    return (studio.read_at, studio.mistake, *islice(_files(studio.settings), FILES))


def store_stamp(connection: Connection) -> Stamp:
    """Of all content, and of what went out. A sync tells what it changed by the moment of it; the rest comes with a number of its own."""
    newest = select(
        select(func.max(SourceRow.synced_at)).scalar_subquery(),
        select(func.max(SourceRow.tried_at)).scalar_subquery(),
        select(func.max(ArticleRow.id)).scalar_subquery(),
        select(func.max(CommentRow.id)).scalar_subquery(),
    )
    states = select(EditionRow.state, func.count(), func.max(EditionRow.id)).group_by(EditionRow.state).order_by(EditionRow.state)
    return (*connection.execute(newest).one(), *map(tuple, connection.execute(states)))


def edition_stamp(connection: Connection, newsletter: Newsletter, slot: datetime) -> Stamp:
    """Of one edition: its row, and its editors' changes."""
    last = select(func.max(ChangeRow.number)).where(ChangeRow.edition_id == EditionRow.id).scalar_subquery()
    columns = (EditionRow.id, EditionRow.state, EditionRow.chosen_at, EditionRow.moved_to, EditionRow.revision, last)
    ours = (EditionRow.newsletter == newsletter.slug, EditionRow.cadence == newsletter.cadence, EditionRow.slot == slot)
    row = connection.execute(select(*columns).where(*ours)).one_or_none()
    return tuple(row) if row else ()


def _files(settings: Settings) -> Iterator[tuple[str, int, int]]:
    for folder in (settings.path(settings.render.themes), templates_folder() / "editions"):
        for path in sorted(folder.rglob("*")):
            try:
                found = path.stat()
            except OSError:  # gone since it was listed
                continue
            yield str(path), found.st_mtime_ns, found.st_size
