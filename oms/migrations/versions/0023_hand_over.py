"""hand-over: undone within a minute, in parts; goods aside; pauses and managers of a store."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PICKUPS = ("preparing", "ready", "collected", "expired", "put_back", "cancelled")
PICKUPS_NOW = (
    "preparing", "ready", "handing_over", "collected", "expired", "to_put_back", "put_back",
    "cancelled",
)
RESERVATIONS = ("held", "released", "consumed")
RESERVATIONS_NOW = ("held", "aside", "released", "consumed")
CHECKS = {
    "handing_over_has_an_end": "(status = 'handing_over') = (undo_until IS NOT NULL)",
    "handing_over_has_proof": "status <> 'handing_over' OR (collected_at IS NOT NULL"
    " AND proof IS NOT NULL AND handed_over_by IS NOT NULL)",
    "part_has_a_rest": "(handing IS NULL) = (rest IS NULL)",
    "part_is_under_way": "handing IS NULL OR status = 'handing_over'",
    "no_number_of_a_document": "document IS NULL OR document !~ '[0-9]'",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _let_be("pickups", "pickupstatus_known", PICKUPS_NOW)
    _let_be("reservations", "reservationstatus_known", RESERVATIONS_NOW)
    op.add_column("pickups", sa.Column("document", sa.String(length=200), nullable=True))
    op.add_column("pickups", sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pickups", sa.Column("handing", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column(
        "pickups",
        sa.Column("rest", sa.Enum("stays", "declined", name="rest_known", native_enum=False, create_constraint=True, length=40), nullable=True),
    )
    op.add_column("pickups", sa.Column("part_of", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_pickups_part_of"), "pickups", "pickups", ["part_of"], ["id"])
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_pickups_{name}"), "pickups", rule)
    op.create_table(
        "signatures",
        sa.Column("pickup_id", sa.Uuid(), nullable=False),
        sa.Column("strokes", sa.String(length=8000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pickup_id"], ["pickups.id"], name=op.f("fk_signatures_pickup_id")),
        sa.PrimaryKeyConstraint("pickup_id", name=op.f("pk_signatures")),
    )
    for work in ("ship", "pickup"):
        op.add_column("locations", sa.Column(f"{work}_paused_because", sa.String(length=200), nullable=True))
        op.add_column("locations", sa.Column(f"{work}_paused_until", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_locations_pause_has_a_reason"),
        "locations",
        "(ship_paused_until IS NULL OR ship_paused_because IS NOT NULL)"
        " AND (pickup_paused_until IS NULL OR pickup_paused_because IS NOT NULL)",
    )
    op.add_column(
        "associates",
        sa.Column("manages", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("associates", "manages")
    op.drop_constraint(op.f("ck_locations_pause_has_a_reason"), "locations")
    for work in ("ship", "pickup"):
        op.drop_column("locations", f"{work}_paused_until")
        op.drop_column("locations", f"{work}_paused_because")
    op.drop_table("signatures")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_pickups_{name}"), "pickups")
    op.drop_constraint(op.f("fk_pickups_part_of"), "pickups")
    for column in ("part_of", "rest", "handing", "undo_until", "document"):
        op.drop_column("pickups", column)
    _let_be("reservations", "reservationstatus_known", RESERVATIONS)
    _let_be("pickups", "pickupstatus_known", PICKUPS)


def _let_be(table: str, constraint: str, statuses: tuple[str, ...]) -> None:
    """Let the column `status` hold these words and no others."""
    words = ", ".join(f"'{word}'" for word in statuses)
    name = f"ck_{table}_{constraint}"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (status IN ({words}))")
