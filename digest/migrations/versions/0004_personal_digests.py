"""Each reader's own digest: what they follow and mute, where they stood in another cadence, plans, hours and frames of editions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WISHES = ("authors", "muted_sections", "muted_authors")


def text(name: str, kind: sa.types.TypeEngine[str] | None = None) -> sa.Column[str]:
    return sa.Column(name, kind or sa.Text(), nullable=False, server_default="")


def its_edition(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("editions.id", name=f"fk_{table}_edition_id_editions", ondelete="CASCADE")
    return sa.Column("edition_id", KEY, key, nullable=False)


def upgrade() -> None:
    for name in WISHES:
        op.add_column("subscriptions", text(name))
    op.add_column("subscriptions", text("served", sa.String(64)))
    op.add_column("subscriptions", sa.Column("hour", sa.Integer(), nullable=True))
    op.add_column("subscriptions", sa.Column("paused_from", sa.DateTime(timezone=True), nullable=True))
    wished = sa.text(" OR ".join(f"subscriptions.{name} != ''" for name in ("sections", *WISHES, "served")))
    op.create_index("ix_subscriptions_wished", "subscriptions", ["newsletter"], sqlite_where=wished, postgresql_where=wished)
    op.add_column("editions", sa.Column("pool", sa.LargeBinary(), nullable=False, server_default=""))
    op.create_table(
        "edition_plans",
        sa.Column("id", KEY, nullable=False),
        its_edition("edition_plans"),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("readers", KEY, nullable=False),
        sa.Column("empty", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_plans")),
    )
    short = sa.text("octet_length(key) < 2000")
    op.create_index("ix_edition_plans_edition_id_key", "edition_plans", ["edition_id", "key"], unique=True, postgresql_where=short)
    op.create_table(
        "edition_hours",
        its_edition("edition_hours"),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "time_zone", "hour", name=op.f("pk_edition_hours")),
    )
    op.create_table(
        "edition_frames",
        its_edition("edition_frames"),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "language", name=op.f("pk_edition_frames")),
    )
    op.create_table(
        "newsletter_cadences",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("cadence", sa.String(40), nullable=False),
        sa.Column("first_met_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "cadence", name=op.f("pk_newsletter_cadences")),
    )
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("plan_id", KEY, nullable=True))
        table.create_foreign_key(op.f("fk_deliveries_plan_id_edition_plans"), "edition_plans", ["plan_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as table:
        table.drop_constraint(op.f("fk_deliveries_plan_id_edition_plans"), type_="foreignkey")
        table.drop_column("plan_id")
    op.drop_table("newsletter_cadences")
    op.drop_table("edition_frames")
    op.drop_table("edition_hours")
    op.drop_table("edition_plans")
    op.drop_column("editions", "pool")
    op.drop_index("ix_subscriptions_wished", "subscriptions")
    for column in ("paused_from", "hour", "served", *WISHES):
        op.drop_column("subscriptions", column)
