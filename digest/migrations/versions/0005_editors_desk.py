"""The editors' desk: when an edition was chosen, what editors changed, reminders, accounts, sessions, and the log."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def its_edition(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("editions.id", name=f"fk_{table}_edition_id_editions", ondelete="CASCADE")
    return sa.Column("edition_id", KEY, key, nullable=False)


def upgrade() -> None:
    op.add_column("editions", moment("chosen_at", nullable=True))
    op.add_column("editions", moment("moved_to", nullable=True))
    op.create_table(
        "edition_changes",
        sa.Column("id", KEY, nullable=False),
        its_edition("edition_changes"),
        sa.Column("number", sa.Integer(), nullable=False),
        moment("at"),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_changes")),
        sa.UniqueConstraint("edition_id", "number", name=op.f("uq_edition_changes_edition_id_number")),
    )
    op.create_table(
        "edition_reminders",
        its_edition("edition_reminders"),
        sa.Column("editor", sa.String(320), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        moment("at"),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "editor", "kind", name=op.f("pk_edition_reminders")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        moment("created_at"),
        moment("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("key", name=op.f("uq_accounts_key")),
    )
    op.create_table(
        "desk_sessions",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("account_id", KEY, sa.ForeignKey("accounts.id", name="fk_desk_sessions_account_id_accounts", ondelete="CASCADE"), nullable=True),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        moment("made_at"),
        moment("seen_at"),
        moment("ends_at"),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_desk_sessions")),
    )
    op.create_index("ix_desk_sessions_account_id", "desk_sessions", ["account_id"])
    op.create_table(
        "deeds",
        sa.Column("id", KEY, nullable=False),
        moment("at"),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("edition_id", KEY, nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deeds")),
    )
    op.create_index("ix_deeds_edition_id", "deeds", ["edition_id"])
    op.create_index("ix_deeds_at", "deeds", ["at"])


def downgrade() -> None:
    for table in ("deeds", "desk_sessions", "accounts", "edition_reminders", "edition_changes"):
        op.drop_table(table)
    op.drop_column("editions", "moved_to")
    op.drop_column("editions", "chosen_at")
