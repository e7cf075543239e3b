"""transfers between locations."""

import sqlalchemy as sa
from alembic import op

from oms.migrations.kinds import let_hold

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EXCEPTIONS = (
    "unknown_sku", "malformed_order", "unknown_store", "cannot_fill", "change_refused",
    "writeback_failed", "carrier_failed", "parcel_lost", "workflow_stuck", "customer_waits",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(start=3001), nullable=False),
        sa.Column("from_location_id", sa.Uuid(), nullable=False),
        sa.Column("to_location_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Enum("requested", "picked", "shipped", "received", "lost", "cancelled", name="transferstatus_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_transfers_version_positive")),
        sa.CheckConstraint("from_location_id <> to_location_id", name=op.f("ck_transfers_goes_elsewhere")),
        sa.CheckConstraint("(status IN ('received', 'lost', 'cancelled')) = (closed_at IS NOT NULL)", name=op.f("ck_transfers_closed_has_time")),
        sa.CheckConstraint("status NOT IN ('shipped', 'received', 'lost') OR shipped_at IS NOT NULL", name=op.f("ck_transfers_shipped_has_time")),
        sa.ForeignKeyConstraint(["from_location_id"], ["locations.id"], name=op.f("fk_transfers_from_location_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_transfers_order_id")),
        sa.ForeignKeyConstraint(["to_location_id"], ["locations.id"], name=op.f("fk_transfers_to_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("number", name=op.f("uq_transfers_number")),
    )
    op.create_index("ix_transfers_from", "transfers", ["from_location_id", "status", "id"])
    op.create_index("ix_transfers_to", "transfers", ["to_location_id", "status", "id"])
    op.create_index("ix_transfers_order", "transfers", ["order_id"], postgresql_where=sa.text("order_id IS NOT NULL"))
    op.create_table(
        "transfer_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("requested", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("supply_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("requested > 0", name=op.f("ck_transfer_lines_requested_positive")),
        sa.CheckConstraint("picked BETWEEN 0 AND requested", name=op.f("ck_transfer_lines_picked_within_requested")),
        sa.CheckConstraint("received BETWEEN 0 AND picked", name=op.f("ck_transfer_lines_received_within_picked")),
        sa.CheckConstraint("over >= 0", name=op.f("ck_transfer_lines_over_not_negative")),
        sa.CheckConstraint("damaged BETWEEN 0 AND received + over", name=op.f("ck_transfer_lines_damaged_within_came")),
        sa.ForeignKeyConstraint(["sku"], ["products.sku"], name=op.f("fk_transfer_lines_sku")),
        sa.ForeignKeyConstraint(["supply_id"], ["supplies.id"], name=op.f("fk_transfer_lines_supply_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_transfer_lines_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_lines")),
        sa.UniqueConstraint("transfer_id", "sku", name=op.f("uq_transfer_lines_transfer_id_sku")),
    )
    let_hold("exceptions", "exceptionkind_known", (*EXCEPTIONS, "transfer_late", "internal"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM exceptions WHERE kind = 'transfer_late'")
    let_hold("exceptions", "exceptionkind_known", (*EXCEPTIONS, "internal"))
    op.drop_table("transfer_lines")
    op.drop_table("transfers")
