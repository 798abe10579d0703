"""An edition drawn for readers of other languages than the newsletter's: the same articles within another frame."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert

from digest.editions.tables import FrameRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Header lines and body for the readers of one language, as an edition's own."""

    headers: bytes
    body: bytes


def save_frames(connection: Connection, edition_id: int, frames: Mapping[str, Frame]) -> None:
    """Keeps these, by their language, instead of those there were."""
    connection.execute(delete(FrameRow).where(FrameRow.edition_id == edition_id))
    rows = [{"edition_id": edition_id, "language": tag, "headers": frame.headers, "body": frame.body} for tag, frame in sorted(frames.items())]
    if rows:
        connection.execute(insert(FrameRow), rows)
