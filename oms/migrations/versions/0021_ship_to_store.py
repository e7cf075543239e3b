"""ship to store and split lines: units in transfer, and reservations of parts of a line."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BUCKETS = "unrouted + reserved + backordered + short + cancelled + fulfilled"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("transfers", sa.Column("decision_id", sa.Uuid(), nullable=True))
    op.add_column("transfers", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_transfers_decision_id"),
        "transfers",
        "routing_decisions",
        ["decision_id"],
        ["id"],
    )
    op.add_column(
        "order_lines", sa.Column("in_transfer", sa.Integer(), server_default="0", nullable=False)
    )
    _checks(
        "unrouted >= 0 AND reserved >= 0 AND backordered >= 0 AND in_transfer >= 0"
        " AND short >= 0 AND cancelled >= 0 AND fulfilled >= 0",
        "quantity = unrouted + reserved + backordered + in_transfer + short + cancelled"
        " + fulfilled",
    )
    op.drop_index("uq_reservations_held_line", table_name="reservations")
    op.create_index(
        "uq_reservations_held_line",
        "reservations",
        ["line_id", "location_id", "fulfilment_id"],
        unique=True,
        postgresql_where=sa.text("status = 'held'"),
        postgresql_nulls_not_distinct=True,
    )
    # What a person asked for was all that its order waited for.
    op.execute(
        """UPDATE order_lines AS l SET in_transfer = l.backordered, backordered = 0
           WHERE l.backordered > 0 AND EXISTS (
             SELECT 1 FROM transfers t JOIN transfer_lines s ON s.transfer_id = t.id
             WHERE t.order_id = l.order_id AND s.sku = l.sku
               AND t.status IN ('requested', 'picked', 'shipped'))"""
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "UPDATE order_lines SET backordered = backordered + in_transfer, in_transfer = 0"
        " WHERE in_transfer > 0"
    )
    _checks(
        "unrouted >= 0 AND reserved >= 0 AND backordered >= 0 AND short >= 0"
        " AND cancelled >= 0 AND fulfilled >= 0",
        f"quantity = {_BUCKETS}",
    )
    op.drop_index("uq_reservations_held_line", table_name="reservations")
    op.create_index(
        "uq_reservations_held_line",
        "reservations",
        ["line_id"],
        unique=True,
        postgresql_where=sa.text("status = 'held'"),
    )
    op.drop_column("order_lines", "in_transfer")
    op.drop_constraint(op.f("fk_transfers_decision_id"), "transfers", type_="foreignkey")
    op.drop_column("transfers", "forgotten_at")
    op.drop_column("transfers", "decision_id")


def _checks(not_negative: str, in_one: str) -> None:
    for name, condition in (
        ("ck_order_lines_buckets_not_negative", not_negative),
        ("ck_order_lines_every_unit_in_one_bucket", in_one),
    ):
        op.drop_constraint(op.f(name), "order_lines", type_="check")
        op.create_check_constraint(op.f(name), "order_lines", condition)
