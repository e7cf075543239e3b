"""orders found by the number that their channel shows."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Who asks for an order by its number at a counter or on the phone read all of them without it.
    op.create_index("ix_orders_display_number", "orders", ["display_number"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_orders_display_number", table_name="orders")
