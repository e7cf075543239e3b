"""joint routing: orders that wait, runs, their plans, bid prices."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "orders", sa.Column("release_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_orders_release_at",
        "orders",
        ["release_at"],
        postgresql_where=sa.text("release_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_orders_release_at", table_name="orders")
    op.drop_column("orders", "release_at")
