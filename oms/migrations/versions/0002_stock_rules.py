"""stock: rules, allotments, supply, trust, checkout holds."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOVEMENTS = (
    "receive", "count", "adjust", "reserve", "release", "ship", "collect", "put_back", "write_off",
)
MOVEMENTS_NEW = ("transfer_out", "transfer_in", "return", "set_apart", "restore")
HOLDS = ("payment", "fraud", "address", "manual")
MOVES = "on_hand_delta <> 0 OR reserved_delta <> 0 OR kind = 'count'"
MOVES_NEW = "on_hand_delta <> 0 OR reserved_delta <> 0 OR damaged_delta <> 0 OR kind = 'count'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('counts_wanted',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_counts_wanted_location_id')),
    sa.ForeignKeyConstraint(['sku'], ['products.sku'], name=op.f('fk_counts_wanted_sku')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counts_wanted'))
    )
    op.create_index('ix_counts_wanted_location', 'counts_wanted', ['location_id', 'asked_at'], unique=False)
    op.create_index('uq_counts_wanted_open', 'counts_wanted', ['sku', 'location_id'], unique=True, postgresql_where=sa.text('done_at IS NULL'))
    op.create_table('stock_rules',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('safety', 'buffer', 'allotment', name='rulekind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=True),
    sa.Column('category', sa.String(), nullable=True),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.Column('channel', sa.String(length=40), nullable=True),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('remaining', sa.Integer(), nullable=True),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('set_by', sa.String(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(), nullable=True),
    sa.Column('ended_because', sa.String(), nullable=True),
    sa.CheckConstraint("(kind = 'allotment') = (remaining IS NOT NULL) AND (kind <> 'allotment' OR sku IS NOT NULL AND location_id IS NOT NULL)", name=op.f('ck_stock_rules_allotment_is_of_one_balance')),
    sa.CheckConstraint("kind = 'safety' OR channel IS NOT NULL", name=op.f('ck_stock_rules_channel_named')),
    sa.CheckConstraint('remaining BETWEEN 0 AND units', name=op.f('ck_stock_rules_remaining_within_units')),
    sa.CheckConstraint('sku IS NULL OR category IS NULL', name=op.f('ck_stock_rules_one_range_of_articles')),
    sa.CheckConstraint('units >= 0', name=op.f('ck_stock_rules_units_not_negative')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_stock_rules_location_id')),
    sa.ForeignKeyConstraint(['sku'], ['products.sku'], name=op.f('fk_stock_rules_sku')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_rules'))
    )
    op.create_index('ix_stock_rules_until', 'stock_rules', ['until'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index('uq_stock_rules_scope', 'stock_rules', ['kind', 'sku', 'category', 'location_id', 'channel'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), postgresql_nulls_not_distinct=True)
    op.create_table('stock_trust',
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('doubted', sa.Integer(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('doubted >= 0', name=op.f('ck_stock_trust_doubted_not_negative')),
    sa.CheckConstraint('percent BETWEEN 0 AND 100', name=op.f('ck_stock_trust_percent_range')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_stock_trust_location_id')),
    sa.ForeignKeyConstraint(['sku'], ['products.sku'], name=op.f('fk_stock_trust_sku')),
    sa.PrimaryKeyConstraint('sku', 'location_id', name=op.f('pk_stock_trust'))
    )
    op.create_table('supplies',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('purchase', 'transfer', name='supplykind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('document', sa.String(length=120), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('from_location_id', sa.Uuid(), nullable=True),
    sa.Column('announced', sa.Integer(), nullable=False),
    sa.Column('received', sa.Integer(), nullable=False),
    sa.Column('expected_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Enum('incoming', 'in_transit', 'received', 'closed', name='supplystatus_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(kind = 'transfer') = (from_location_id IS NOT NULL)", name=op.f('ck_supplies_transfer_comes_from')),
    sa.CheckConstraint('announced > 0', name=op.f('ck_supplies_announced_positive')),
    sa.CheckConstraint('received BETWEEN 0 AND announced', name=op.f('ck_supplies_received_within_announced')),
    sa.CheckConstraint('version > 0', name=op.f('ck_supplies_version_positive')),
    sa.ForeignKeyConstraint(['from_location_id'], ['locations.id'], name=op.f('fk_supplies_from_location_id')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_supplies_location_id')),
    sa.ForeignKeyConstraint(['sku'], ['products.sku'], name=op.f('fk_supplies_sku')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplies')),
    sa.UniqueConstraint('document', 'sku', 'location_id', name=op.f('uq_supplies_document_sku_location_id'))
    )
    op.create_index(op.f('ix_supplies_location_id'), 'supplies', ['location_id'], unique=False)
    op.create_index('ix_supplies_open', 'supplies', ['sku', 'expected_at'], unique=False, postgresql_where=sa.text("status IN ('incoming', 'in_transit')"))
    op.create_table('checkout_holds',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.String(length=40), nullable=False),
    sa.Column('status', sa.Enum('open', 'converted', 'released', 'expired', name='checkoutholdstatus_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_expiry', sa.DateTime(timezone=True), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status = 'converted') = (order_id IS NOT NULL)", name=op.f('ck_checkout_holds_converted_has_order')),
    sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f('ck_checkout_holds_closed_has_time')),
    sa.CheckConstraint('version > 0', name=op.f('ck_checkout_holds_version_positive')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_checkout_holds_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkout_holds'))
    )
    op.create_index('ix_checkout_holds_expiry', 'checkout_holds', ['expires_at'], unique=False, postgresql_where=sa.text("status = 'open'"))
    op.create_index(op.f('ix_checkout_holds_order_id'), 'checkout_holds', ['order_id'], unique=False)
    op.create_table('checkout_hold_lines',
    sa.Column('hold_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('allotted', sa.Integer(), nullable=False),
    sa.Column('allotment_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint('allotted BETWEEN 0 AND quantity', name=op.f('ck_checkout_hold_lines_allotted_within_quantity')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_checkout_hold_lines_quantity_positive')),
    sa.ForeignKeyConstraint(['hold_id'], ['checkout_holds.id'], name=op.f('fk_checkout_hold_lines_hold_id')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_checkout_hold_lines_location_id')),
    sa.ForeignKeyConstraint(['sku'], ['products.sku'], name=op.f('fk_checkout_hold_lines_sku')),
    sa.PrimaryKeyConstraint('hold_id', 'position', name=op.f('pk_checkout_hold_lines'))
    )
    op.create_index('ix_checkout_hold_lines_article', 'checkout_hold_lines', ['sku', 'location_id'], unique=False)
    op.add_column('order_holds', sa.Column('until', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_order_holds_until', 'order_holds', ['until'], unique=False, postgresql_where=sa.text('released_at IS NULL'))
    op.add_column('products', sa.Column('releases_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('reservations', sa.Column('allotted', sa.Integer(), server_default='0', nullable=False))
    op.add_column('reservations', sa.Column('allotment_id', sa.Uuid(), nullable=True))
    op.add_column('stock_balances', sa.Column('damaged', sa.Integer(), server_default='0', nullable=False))
    op.add_column('stock_balances', sa.Column('withheld', sa.Integer(), server_default='0', nullable=False))
    op.add_column('stock_balances', sa.Column('by_channel', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('stock_movements', sa.Column('damaged_delta', sa.Integer(), server_default='0', nullable=False))
    op.add_column('stock_movements', sa.Column('reason', sa.String(), server_default='', nullable=False))
    _known("stock_movements", "kind", "movementkind_known", (*MOVEMENTS, *MOVEMENTS_NEW))
    _known("order_holds", "kind", "holdkind_known", (*HOLDS, "preorder"))
    _check("stock_movements", "moves_something", MOVES_NEW)
    _check("stock_balances", "reserved_within_on_hand", "reserved + damaged <= on_hand")
    _check("stock_balances", "damaged_not_negative", "damaged >= 0")
    _check("stock_balances", "withheld_not_negative", "withheld >= 0")
    _check("reservations", "allotted_within_quantity", "allotted BETWEEN 0 AND quantity")


def downgrade() -> None:
    _known("stock_movements", "kind", "movementkind_known", MOVEMENTS)
    _known("order_holds", "kind", "holdkind_known", HOLDS)
    _check("stock_movements", "moves_something", MOVES)
    _check("stock_balances", "reserved_within_on_hand", "reserved <= on_hand")
    for table, name in (
        ("stock_balances", "damaged_not_negative"),
        ("stock_balances", "withheld_not_negative"),
        ("reservations", "allotted_within_quantity"),
    ):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.drop_column('stock_movements', 'reason')
    op.drop_column('stock_movements', 'damaged_delta')
    op.drop_column('stock_balances', 'by_channel')
    op.drop_column('stock_balances', 'withheld')
    op.drop_column('stock_balances', 'damaged')
    op.drop_column('reservations', 'allotment_id')
    op.drop_column('reservations', 'allotted')
    op.drop_column('products', 'releases_at')
    op.drop_index('ix_order_holds_until', table_name='order_holds', postgresql_where=sa.text('released_at IS NULL'))
    op.drop_column('order_holds', 'until')
    op.drop_index('ix_checkout_hold_lines_article', table_name='checkout_hold_lines')
    op.drop_table('checkout_hold_lines')
    op.drop_index(op.f('ix_checkout_holds_order_id'), table_name='checkout_holds')
    op.drop_index('ix_checkout_holds_expiry', table_name='checkout_holds', postgresql_where=sa.text("status = 'open'"))
    op.drop_table('checkout_holds')
    op.drop_index('ix_supplies_open', table_name='supplies', postgresql_where=sa.text("status IN ('incoming', 'in_transit')"))
    op.drop_index(op.f('ix_supplies_location_id'), table_name='supplies')
    op.drop_table('supplies')
    op.drop_table('stock_trust')
    op.drop_index('uq_stock_rules_scope', table_name='stock_rules', postgresql_where=sa.text('ended_at IS NULL'), postgresql_nulls_not_distinct=True)
    op.drop_index('ix_stock_rules_until', table_name='stock_rules', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_table('stock_rules')
    op.drop_index('uq_counts_wanted_open', table_name='counts_wanted', postgresql_where=sa.text('done_at IS NULL'))
    op.drop_index('ix_counts_wanted_location', table_name='counts_wanted')
    op.drop_table('counts_wanted')


def _check(table: str, name: str, rule: str) -> None:
    """Put a CHECK in the place of the one of this name."""
    full = f"ck_{table}_{name}"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {full}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {full} CHECK ({rule})")


def _known(table: str, column: str, name: str, members: Sequence[str]) -> None:
    """Let a column hold these words and no others."""
    _check(table, name, f"{column} IN (" + ", ".join(f"'{word}'" for word in members) + ")")
