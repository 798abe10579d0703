"""What readers choose and do on the pages: sign-ups, choices, letters, limits."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def text(name: str, kind: sa.types.TypeEngine[str] | None = None) -> sa.Column[str]:
    return sa.Column(name, kind or sa.Text(), nullable=False, server_default="")


def upgrade() -> None:
    with op.batch_alter_table("subscribers") as table:
        table.add_column(sa.Column("attributes", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("acted_at", MOMENT, nullable=True))
        table.add_column(sa.Column("letter_at", MOMENT, nullable=True))
    with op.batch_alter_table("subscriptions") as table:
        table.add_column(text("cadence", sa.String(40)))
        table.add_column(text("sections"))
        table.add_column(sa.Column("paused_until", MOMENT, nullable=True))
    with op.batch_alter_table("consents") as table:
        table.add_column(text("address_hash", sa.String(64)))
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("edition_id", existing_type=KEY, nullable=True)
        table.add_column(text("letter", sa.String(20)))
    unknown = sa.text("state = 'unknown'")
    op.create_index("ix_deliveries_unknown", "deliveries", ["lease"], sqlite_where=unknown, postgresql_where=unknown)
    op.create_table(
        "sign_ups",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("newsletters", sa.Text(), nullable=False),
        sa.Column("cadence", sa.String(40), nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("wording", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
    )
    op.create_table(
        "wordings",
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_wordings")),
    )
    op.create_table(
        "former_ids",
        sa.Column("public_id", sa.String(22), nullable=False),
        sa.Column("subscription_id", KEY, sa.ForeignKey("subscriptions.id", name="fk_former_ids_subscription_id_subscriptions", ondelete="CASCADE")),
        sa.Column("subscriber_id", KEY, sa.ForeignKey("subscribers.id", name="fk_former_ids_subscriber_id_subscribers", ondelete="CASCADE")),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_former_ids")),
    )
    op.create_index("ix_former_ids_subscription_id", "former_ids", ["subscription_id"])
    op.create_index("ix_former_ids_subscriber_id", "former_ids", ["subscriber_id"])
    op.create_table(
        "limits",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_limits")),
    )
    op.create_index("ix_limits_free_at", "limits", ["free_at"])
    op.create_table(
        "domain_seats",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("name", "seat", name=op.f("pk_domain_seats")),
    )


def downgrade() -> None:
    op.drop_table("domain_seats")
    op.drop_table("limits")
    op.drop_table("former_ids")
    op.drop_table("wordings")
    op.drop_table("sign_ups")
    op.drop_index("ix_deliveries_unknown", "deliveries")
    op.execute("DELETE FROM deliveries WHERE edition_id IS NULL")
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("letter")
        table.alter_column("edition_id", existing_type=KEY, nullable=False)
    # Not in a batch: that makes the table anew, and on SQLite the one that is dropped for it takes all along that points at its rows (ON DELETE).
    op.drop_column("consents", "address_hash")
    for column in ("paused_until", "sections", "cadence"):
        op.drop_column("subscriptions", column)
    for column in ("letter_at", "acted_at", "attributes"):
        op.drop_column("subscribers", column)
