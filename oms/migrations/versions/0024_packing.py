"""boxes, parcels that are being filled, labels bought again, manifests."""

import sqlalchemy as sa
from alembic import op

from oms.migrations.kinds import let_hold

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

IMPORTS = ("products", "locations", "stock", "listings", "prices", "orders", "bins")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "boxes",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("tare_g", sa.Integer(), nullable=False),
        sa.Column("max_weight_g", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name=op.f("ck_boxes_dimensions_positive")),
        sa.CheckConstraint("tare_g >= 0 AND max_weight_g > tare_g", name=op.f("ck_boxes_can_carry")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_boxes_stock_not_negative")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_boxes_location_id")),
        sa.PrimaryKeyConstraint("location_id", "code", name=op.f("pk_boxes")),
    )
    op.create_table(
        "open_parcels",
        sa.Column("fulfilment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("box_code", sa.String(length=40), nullable=True),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("tare_g", sa.Integer(), nullable=False),
        sa.Column("max_weight_g", sa.Integer(), nullable=True),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("tracking_number", sa.String(length=40), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name=op.f("ck_open_parcels_dimensions_positive")),
        sa.CheckConstraint("weight_g > 0", name=op.f("ck_open_parcels_weight_positive")),
        sa.ForeignKeyConstraint(["fulfilment_id"], ["fulfilments.id"], name=op.f("fk_open_parcels_fulfilment_id")),
        sa.PrimaryKeyConstraint("fulfilment_id", "number", name=op.f("pk_open_parcels")),
    )
    op.create_table(
        "open_parcel_units",
        sa.Column("fulfilment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_open_parcel_units_quantity_positive")),
        sa.ForeignKeyConstraint(["fulfilment_id", "number"], ["open_parcels.fulfilment_id", "open_parcels.number"], name=op.f("fk_open_parcel_units_fulfilment_id_number"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sku"], ["products.sku"], name=op.f("fk_open_parcel_units_sku")),
        sa.PrimaryKeyConstraint("fulfilment_id", "number", "sku", name=op.f("pk_open_parcel_units")),
    )
    op.create_table(
        "manifests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(start=7001), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("parcels", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by", sa.String(), nullable=True),
        sa.Column("filing", sa.Enum("none", "owed", "filed", name="filing_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("parcels > 0", name=op.f("ck_manifests_parcels_positive")),
        sa.CheckConstraint("(handed_over_at IS NULL) = (handed_over_by IS NULL)", name=op.f("ck_manifests_handed_over_by_somebody")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_manifests_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifests")),
        sa.UniqueConstraint("number", name=op.f("uq_manifests_number")),
    )
    op.create_index("ix_manifests_newest", "manifests", ["location_id", "closed_at"])
    # A constant default is written into the catalogue, not into every row.
    op.add_column("parcels", sa.Column("label_wanted", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("parcels", sa.Column("replaces", sa.Integer(), nullable=True))
    op.add_column("parcels", sa.Column("box_code", sa.String(length=40), nullable=True))
    op.add_column("parcels", sa.Column("prints", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("parcels", sa.Column("manifest_id", sa.Uuid(), nullable=True))
    op.alter_column("parcels", "label_wanted", server_default=None)
    op.alter_column("parcels", "prints", server_default=None)
    op.create_foreign_key(op.f("fk_parcels_manifest_id"), "parcels", "manifests", ["manifest_id"], ["id"])
    op.create_index("ix_parcels_manifest", "parcels", ["manifest_id"], postgresql_where=sa.text("manifest_id IS NOT NULL"))
    let_hold("imports", "importkind_known", (*IMPORTS, "boxes"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM imports WHERE kind = 'boxes'")
    let_hold("imports", "importkind_known", IMPORTS)
    for column in ("manifest_id", "prints", "box_code", "replaces", "label_wanted"):
        op.drop_column("parcels", column)
    op.drop_table("manifests")
    op.drop_table("open_parcel_units")
    op.drop_table("open_parcels")
    op.drop_table("boxes")
