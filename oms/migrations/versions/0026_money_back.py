"""money back: quarantine is a figure of its own, kept apart from what is merely damaged."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "stock_balances",
        sa.Column("quarantined", sa.Integer(), server_default="0", nullable=False),
    )
    # What came back and was not decided on is set apart already. Where somebody restored such
    # units by hand, no more is in quarantine than is left of them.
    op.execute(
        """UPDATE stock_balances b SET quarantined = least(b.damaged, g.units)
           FROM (SELECT sku, location_id, sum(units) AS units FROM returned_goods
                 WHERE disposed_at IS NULL GROUP BY sku, location_id) g
           WHERE g.sku = b.sku AND g.location_id = b.location_id"""
    )
    op.create_check_constraint(
        op.f("ck_stock_balances_quarantined_within_damaged"),
        "stock_balances",
        "quarantined BETWEEN 0 AND damaged",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(
        op.f("ck_stock_balances_quarantined_within_damaged"), "stock_balances", type_="check"
    )
    op.drop_column("stock_balances", "quarantined")
