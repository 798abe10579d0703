"""Alembic's entry: runs on the connection that `digest.database.upgrade` hands over."""

from typing import Literal

from alembic import context
from sqlalchemy import Enum

import digest.accounts.tables
import digest.content.tables
import digest.delivery.tables
import digest.editions.tables
import digest.limits  # noqa: F401 - the imports fill the metadata
from subscribers.tables import Base, UTCDateTime

FOREIGN = ("procrastinate_", "apscheduler_")


def ours(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or not (name or "").startswith(FOREIGN)


def plainly(kind: str, item: object, autogen: object) -> str | Literal[False]:
    """Our column types as plain SQL ones, so that a migration does not depend on code that may change."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String({item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    include_name=ours,
    render_item=plainly,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
