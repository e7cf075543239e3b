"""what customs want to know of an article, and when a carrier was asked to take a label back."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("products", sa.Column("hs_code", sa.String(12), nullable=True))
    op.add_column("products", sa.Column("origin_country", sa.String(2), nullable=True))
    # Every row has NULL, which passes both, so validating them reads nothing that could fail.
    op.create_check_constraint(
        op.f("ck_products_hs_code_is_digits"), "products", "hs_code ~ '^[0-9]{6,12}$'"
    )
    op.create_check_constraint(
        op.f("ck_products_origin_is_a_country"), "products", "origin_country ~ '^[A-Z]{2}$'"
    )
    op.add_column("parcels", sa.Column("void_asked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("parcels", "void_asked_at")
    op.drop_column("products", "origin_country")
    op.drop_column("products", "hs_code")
