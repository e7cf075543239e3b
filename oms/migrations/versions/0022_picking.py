"""picking and staging: bins, waves, short picks, packages on shelves."""

import sqlalchemy as sa
from alembic import op

from oms.migrations.kinds import let_hold

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

IMPORTS = ("products", "locations", "stock", "listings", "prices", "orders")
_TEMPERATURE = sa.Enum("ambient", "chilled", "frozen", name="temperature_known", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _bins_and_waves()
    _short_picks()
    _staging()
    let_hold("imports", "importkind_known", (*IMPORTS, "bins"))


def _bins_and_waves() -> None:
    op.create_table(
        "article_bins",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("aisle", sa.String(length=40), nullable=False),
        sa.Column("bin", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint("rank > 0", name=op.f("ck_article_bins_rank_positive")),
        sa.CheckConstraint("bin <> ''", name=op.f("ck_article_bins_bin_named")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_article_bins_location_id")),
        sa.ForeignKeyConstraint(["sku"], ["products.sku"], name=op.f("fk_article_bins_sku")),
        sa.PrimaryKeyConstraint("location_id", "sku", "zone", "aisle", "bin", name=op.f("pk_article_bins")),
    )
    op.create_index("ix_article_bins_sku", "article_bins", ["sku"])
    op.create_table(
        "pick_waves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(start=1), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_pick_waves_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_waves")),
        sa.UniqueConstraint("number", name=op.f("uq_pick_waves_number")),
    )
    op.create_index(op.f("ix_pick_waves_location_id"), "pick_waves", ["location_id"])
    op.create_table(
        "wave_pickups",
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("pickup_id", sa.Uuid(), nullable=False),
        sa.Column("tote", sa.Integer(), nullable=False),
        sa.CheckConstraint("tote BETWEEN 1 AND 10", name=op.f("ck_wave_pickups_tote_in_reach")),
        sa.ForeignKeyConstraint(["wave_id"], ["pick_waves.id"], name=op.f("fk_wave_pickups_wave_id")),
        sa.ForeignKeyConstraint(["pickup_id"], ["pickups.id"], name=op.f("fk_wave_pickups_pickup_id")),
        sa.PrimaryKeyConstraint("wave_id", "pickup_id", name=op.f("pk_wave_pickups")),
        sa.UniqueConstraint("pickup_id", name=op.f("uq_wave_pickups_pickup_id")),
        sa.UniqueConstraint("wave_id", "tote", name=op.f("uq_wave_pickups_wave_id_tote")),
    )


def _short_picks() -> None:
    op.create_table(
        "short_picks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fulfilment_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Enum("not_found", "damaged", "reserved", name="shortreason_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("way", sa.Enum("other_bin", "later", "transfer", "cancel", name="wayout_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("bin", sa.String(length=130), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_by", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_short_picks_units_positive")),
        sa.CheckConstraint("way NOT IN ('later', 'transfer') OR agreed_by IS NOT NULL", name=op.f("ck_short_picks_asked_the_customer")),
        sa.CheckConstraint("(way = 'transfer') = (transfer_id IS NOT NULL)", name=op.f("ck_short_picks_transfer_named")),
        sa.ForeignKeyConstraint(["fulfilment_id"], ["fulfilments.id"], name=op.f("fk_short_picks_fulfilment_id")),
        sa.ForeignKeyConstraint(["line_id"], ["order_lines.id"], name=op.f("fk_short_picks_line_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_short_picks_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_short_picks")),
    )
    op.create_index(op.f("ix_short_picks_fulfilment_id"), "short_picks", ["fulfilment_id"])


def _staging() -> None:
    op.create_table(
        "staging_shelves",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("temperature", _TEMPERATURE, nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_staging_shelves_location_id")),
        sa.PrimaryKeyConstraint("location_id", "code", name=op.f("pk_staging_shelves")),
    )
    op.create_table(
        "pickup_packages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pickup_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("temperature", _TEMPERATURE, nullable=False),
        sa.Column("shelf", sa.String(length=40), nullable=False),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("packed_by", sa.String(), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staged_by", sa.String(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_pickup_packages_number_positive")),
        sa.CheckConstraint("(shelf = '') = (staged_at IS NULL)", name=op.f("ck_pickup_packages_staged_has_time")),
        sa.CheckConstraint("(staged_at IS NULL) = (staged_by IS NULL)", name=op.f("ck_pickup_packages_staged_has_actor")),
        sa.ForeignKeyConstraint(["pickup_id"], ["pickups.id"], name=op.f("fk_pickup_packages_pickup_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_pickup_packages_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup_packages")),
        sa.UniqueConstraint("pickup_id", "number", name=op.f("uq_pickup_packages_pickup_id_number")),
    )
    op.create_index("uq_pickup_packages_code", "pickup_packages", ["location_id", "code"], unique=True, postgresql_where=sa.text("NOT gone"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM import_faults WHERE import_id IN (SELECT id FROM imports WHERE kind = 'bins')")
    op.execute("DELETE FROM import_parts WHERE import_id IN (SELECT id FROM imports WHERE kind = 'bins')")
    op.execute("DELETE FROM imports WHERE kind = 'bins'")
    let_hold("imports", "importkind_known", IMPORTS)
    op.drop_index("uq_pickup_packages_code", table_name="pickup_packages")
    for table in ("pickup_packages", "staging_shelves", "short_picks", "wave_pickups", "pick_waves", "article_bins"):
        op.drop_table(table)
