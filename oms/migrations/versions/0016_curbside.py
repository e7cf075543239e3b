"""curbside: bays, slots, visits; who picks a pickup, and until when."""

import sqlalchemy as sa
from alembic import op

from oms.migrations.kinds import let_hold

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

EXCEPTIONS = (
    "unknown_sku", "malformed_order", "unknown_store", "cannot_fill", "change_refused",
    "writeback_failed", "carrier_failed", "parcel_lost", "workflow_stuck",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "curbside_stores",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=True),
        sa.Column("slot_capacity", sa.Integer(), nullable=True),
        sa.CheckConstraint("(slot_minutes IS NULL) = (slot_capacity IS NULL)", name=op.f("ck_curbside_stores_slots_are_whole")),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 480", name=op.f("ck_curbside_stores_slot_minutes_range")),
        sa.CheckConstraint("slot_capacity > 0", name=op.f("ck_curbside_stores_slot_capacity_positive")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_curbside_stores_location_id")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_curbside_stores")),
    )
    op.create_table(
        "curbside_bays",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_curbside_bays_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curbside_bays")),
        sa.UniqueConstraint("location_id", "label", name=op.f("uq_curbside_bays_location_id_label")),
    )
    _arrivals()
    op.create_table(
        "slot_bookings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("promised_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_slot_bookings_starts_before_end")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_slot_bookings_location_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_slot_bookings_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_bookings")),
    )
    op.create_index(op.f("ix_slot_bookings_order_id"), "slot_bookings", ["order_id"])
    op.create_index("uq_slot_bookings_order", "slot_bookings", ["order_id"], unique=True, postgresql_where=sa.text("released_at IS NULL"))
    op.create_index("ix_slot_bookings_slot", "slot_bookings", ["location_id", "starts_at"], postgresql_where=sa.text("released_at IS NULL"))
    let_hold("exceptions", "exceptionkind_known", (*EXCEPTIONS, "customer_waits", "internal"))
    op.add_column("pickups", sa.Column("claimed_by", sa.String(), nullable=True))
    op.add_column("pickups", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_pickups_claim_has_an_end"), "pickups", "(claimed_by IS NULL) = (claimed_until IS NULL)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM exceptions WHERE kind = 'customer_waits'")
    let_hold("exceptions", "exceptionkind_known", (*EXCEPTIONS, "internal"))
    op.drop_constraint(op.f("ck_pickups_claim_has_an_end"), "pickups", type_="check")
    op.drop_column("pickups", "claimed_until")
    op.drop_column("pickups", "claimed_by")
    op.drop_table("slot_bookings")
    op.drop_table("arrivals")
    op.drop_table("curbside_bays")
    op.drop_table("curbside_stores")


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pickup_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Enum("on_the_way", "here", "taken", "served", "gone", name="arrivalstatus_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("here_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bay_id", sa.Uuid(), nullable=True),
        sa.Column("spot", sa.String(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.Column("escalated", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_arrivals_version_positive")),
        sa.CheckConstraint("escalated >= 0", name=op.f("ck_arrivals_escalated_not_negative")),
        sa.CheckConstraint("(status IN ('served', 'gone')) = (closed_at IS NOT NULL)", name=op.f("ck_arrivals_over_has_time")),
        sa.CheckConstraint("closed_at IS NULL OR (plate = '' AND vehicle = '')", name=op.f("ck_arrivals_car_is_forgotten")),
        sa.CheckConstraint("status NOT IN ('here', 'taken') OR here_at IS NOT NULL", name=op.f("ck_arrivals_here_has_time")),
        sa.CheckConstraint("status <> 'taken' OR (taken_at IS NOT NULL AND taken_by IS NOT NULL)", name=op.f("ck_arrivals_taken_has_taker")),
        sa.CheckConstraint("status <> 'on_the_way' OR expected_at IS NOT NULL", name=op.f("ck_arrivals_on_the_way_is_expected")),
        sa.ForeignKeyConstraint(["bay_id"], ["curbside_bays.id"], name=op.f("fk_arrivals_bay_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_arrivals_location_id")),
        sa.ForeignKeyConstraint(["pickup_id"], ["pickups.id"], name=op.f("fk_arrivals_pickup_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrivals")),
    )
    op.create_index("uq_arrivals_open_pickup", "arrivals", ["pickup_id"], unique=True, postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index("uq_arrivals_open_bay", "arrivals", ["bay_id"], unique=True, postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index("ix_arrivals_open", "arrivals", ["location_id"], postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index("ix_arrivals_pickup", "arrivals", ["pickup_id"])
