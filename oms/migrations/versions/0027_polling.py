"""polling: how far channels were asked, what that found, their rates, wishes to cancel."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)
HOLDS = ("payment", "fraud", "address", "manual", "preorder")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "channel_polls",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("known_until", UTC_TIME, nullable=False),
        sa.Column("window_since", UTC_TIME, nullable=True),
        sa.Column("window_until", UTC_TIME, nullable=True),
        sa.Column("page_token", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("polled_at", UTC_TIME, nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("last_error_at", UTC_TIME, nullable=True),
        sa.Column("mended", sa.String(), nullable=False),
        sa.Column("mended_at", UTC_TIME, nullable=True),
        sa.Column("heard_at", UTC_TIME, nullable=True),
        sa.CheckConstraint(
            "(window_since IS NULL) = (window_until IS NULL)",
            name=op.f("ck_channel_polls_window_has_both_ends"),
        ),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_polls")),
    )
    op.create_table(
        "channel_repairs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", UTC_TIME, nullable=False),
        sa.Column("found_at", UTC_TIME, nullable=False),
        sa.CheckConstraint(
            "kind IN ('missed_order', 'missed_change')",
            name=op.f("ck_channel_repairs_repairkind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_repairs")),
    )
    op.create_index("ix_channel_repairs_found", "channel_repairs", ["channel", "found_at"])
    op.create_table(
        "channel_rates",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("filled_at", UTC_TIME, nullable=False),
        sa.Column("per_second", sa.Float(), nullable=True),
        sa.CheckConstraint("tokens >= 0", name=op.f("ck_channel_rates_tokens_not_negative")),
        sa.PrimaryKeyConstraint("channel", "operation", name=op.f("pk_channel_rates")),
    )
    _let_holds_be(*HOLDS, "cancel_requested")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("UPDATE order_holds SET kind = 'manual' WHERE kind = 'cancel_requested'")
    _let_holds_be(*HOLDS)
    op.drop_table("channel_rates")
    op.drop_index("ix_channel_repairs_found", table_name="channel_repairs")
    op.drop_table("channel_repairs")
    op.drop_table("channel_polls")


def _let_holds_be(*kinds: str) -> None:
    """Let a hold be of these kinds; the check begins with new rows and then looks at the old."""
    name = "ck_order_holds_holdkind_known"
    op.drop_constraint(op.f(name), "order_holds")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(
        f"ALTER TABLE order_holds ADD CONSTRAINT {name} CHECK (kind IN ({allowed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE order_holds VALIDATE CONSTRAINT {name}")
