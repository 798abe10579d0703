"""Workers with a lease each instead of one per row; what is remembered of relays, domains and refusals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # A lease of an older version, longer than ours, belongs to nobody any more: its rows are taken up as a dead worker's.
    op.execute("UPDATE deliveries SET lease = '' WHERE lease <> ''")
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("lease_until")
        table.alter_column("lease", existing_type=sa.String(40), type_=sa.String(16), existing_nullable=False)
        table.add_column(sa.Column("relay", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "workers",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("handed_over", KEY, nullable=False),
        sa.Column("per_second", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "leaders",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("worker_id", sa.String(16), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leaders")),
    )
    op.create_table(
        "relays",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("first_used_on", sa.Date(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("day_count", sa.Integer(), nullable=False),
        sa.Column("free_at", MOMENT, nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("shut_until", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_relays")),
    )
    op.create_table(
        "domains",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("free_at", MOMENT, nullable=True),
        sa.Column("tail_at", MOMENT, nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("struck_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_domains")),
    )
    op.create_table(
        "held_domains",
        sa.Column("edition_id", KEY, nullable=False),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_held_domains_edition_id_editions"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("edition_id", "domain", name=op.f("pk_held_domains")),
    )
    op.create_table(
        "refusal_streaks",
        sa.Column("edition_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_refusal_streaks_edition_id_editions"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_refusal_streaks")),
    )
