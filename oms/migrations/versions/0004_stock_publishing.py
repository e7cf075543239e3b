"""stock published to channels."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "stock_ledger_cursor",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.Column("settled_to", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint", sa.BigInteger(), nullable=True),
        sa.Column("checkpoint_seen", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint_xid", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "settled_to <= read_to", name=op.f("ck_stock_ledger_cursor_settled_within_read")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stock_ledger_cursor")),
    )
    op.create_table(
        "stock_owed",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owed_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "sku", name=op.f("pk_stock_owed")),
    )
    op.create_index("ix_stock_owed_next", "stock_owed", ["channel", "priority", "owed_since"])
    op.create_table(
        "stock_published",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("channel_sku", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("sellable", sa.Integer(), nullable=False),
        sa.Column("codes", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_quantity", sa.Integer(), nullable=True),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_stock_published_quantity_not_negative")),
        sa.CheckConstraint(
            "quantity <= sellable", name=op.f("ck_stock_published_never_above_sellable")
        ),
        sa.PrimaryKeyConstraint("channel", "channel_sku", "place", name=op.f("pk_stock_published")),
    )
    op.create_index("ix_stock_published_article", "stock_published", ["channel", "sku"])
    op.create_table(
        "stock_drifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("channel_sku", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("sellable", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_drifts")),
    )
    op.create_index("ix_stock_drifts_found", "stock_drifts", ["found_at"])
    op.create_index(
        "uq_stock_drifts_open",
        "stock_drifts",
        ["channel", "channel_sku", "place"],
        unique=True,
        postgresql_where=sa.text("repaired_at IS NULL"),
    )
    op.create_table(
        "stock_channels",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("last_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("last_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_stock_channels")),
    )
    op.create_table(
        "feed_revisions",
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_feed_revisions")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("feed_revisions")
    op.drop_table("stock_channels")
    op.drop_table("stock_drifts")
    op.drop_table("stock_published")
    op.drop_table("stock_owed")
    op.drop_table("stock_ledger_cursor")
