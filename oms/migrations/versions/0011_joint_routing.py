"""joint routing: orders that wait, runs, their plans, bid prices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0008"
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
    op.create_table(
        "routing_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(start=1), nullable=False),
        sa.Column("asked", sa.String(length=120), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.Enum("collected", "solved", "proposed", "done", name="runstatus_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tariff_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solver_ms", sa.Integer(), nullable=True),
        sa.Column("answer_status", sa.String(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("lower_bound_minor", sa.BigInteger(), nullable=True),
        sa.Column("standing_minor", sa.BigInteger(), nullable=True),
        sa.Column("fallback_reason", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'collected') = (solved_at IS NULL)", name=op.f("ck_routing_runs_solved_has_time")),
        sa.ForeignKeyConstraint(["policy_version"], ["routing_policies.version"], name=op.f("fk_routing_runs_policy_version")),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff_sheets.id"], name=op.f("fk_routing_runs_tariff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_runs")),
        sa.UniqueConstraint("asked", "currency", name=op.f("uq_routing_runs_asked_currency")),
        sa.UniqueConstraint("number", name=op.f("uq_routing_runs_number")),
    )
    op.create_index("ix_routing_runs_at", "routing_runs", ["at"])
    op.create_table(
        "routing_plans",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("knot", sa.Integer(), nullable=False),
        sa.Column("from_locations", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("to_locations", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("places", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("gain_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Enum("proposed", "committed", "lost", "kept", name="planstatus_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status <> 'lost' OR reason IS NOT NULL", name=op.f("ck_routing_plans_lost_has_reason")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_routing_plans_order_id")),
        sa.ForeignKeyConstraint(["run_id"], ["routing_runs.id"], name=op.f("fk_routing_plans_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "order_id", name=op.f("pk_routing_plans")),
    )
    op.create_index("ix_routing_plans_order", "routing_plans", ["order_id"])
    op.create_table(
        "bid_price_versions",
        sa.Column("version", sa.Integer(), sa.Identity(start=1), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("smoothing_percent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_bid_price_versions")),
        sa.UniqueConstraint("run_id", name=op.f("uq_bid_price_versions_run_id")),
    )
    op.create_table(
        "bid_prices",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_bid_prices_price_positive")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_bid_prices_location_id")),
        sa.ForeignKeyConstraint(["sku"], ["products.sku"], name=op.f("fk_bid_prices_sku")),
        sa.ForeignKeyConstraint(["version"], ["bid_price_versions.version"], name=op.f("fk_bid_prices_version"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("version", "sku", "location_id", name=op.f("pk_bid_prices")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("bid_prices")
    op.drop_table("bid_price_versions")
    op.drop_table("routing_plans")
    op.drop_table("routing_runs")
    op.drop_index("ix_orders_release_at", table_name="orders")
    op.drop_column("orders", "release_at")
