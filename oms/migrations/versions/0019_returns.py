"""returns: what was asked, what came, and the rules."""

import sqlalchemy as sa
from alembic import op

from oms.migrations.kinds import let_hold
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COMMANDS = ("place_order", "store_work", "stock", "payments")
NOTICES = ("ready", "reminder", "expired", "shipped")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('return_rules',
    sa.Column('version', sa.Integer(), sa.Identity(start=1), nullable=False),
    sa.Column('body', postgresql.JSONB(none_as_null=True), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('effective_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_return_rules'))
    )
    op.create_table('returns',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(start=8001), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Enum('asked', 'authorised', 'refused', 'in_transit', 'received', 'inspected', 'closed', 'expired', 'cancelled', name='returnstatus_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('way', sa.Enum('mail', 'store', name='way_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('ground', sa.Enum('withdrawal', 'goodwill', name='ground_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('rules_version', sa.Integer(), nullable=True),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('instant', sa.Boolean(), nullable=False),
    sa.Column('with_shipping', sa.Boolean(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('label_paid_by', sa.String(length=10), nullable=False),
    sa.Column('carrier', sa.String(length=40), nullable=False),
    sa.Column('tracking_number', sa.String(length=120), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.Column('refund_id', sa.Uuid(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status <> 'closed' OR refund_id IS NOT NULL", name=op.f('ck_returns_closed_is_refunded')),
    sa.CheckConstraint("status <> 'refused' OR decision <> ''", name=op.f('ck_returns_refused_has_reason')),
    sa.CheckConstraint('fee_minor >= 0', name=op.f('ck_returns_fee_not_negative')),
    sa.CheckConstraint('version > 0', name=op.f('ck_returns_version_positive')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_returns_location_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_returns_order_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refunds.id'], name=op.f('fk_returns_refund_id')),
    sa.ForeignKeyConstraint(['rules_version'], ['return_rules.version'], name=op.f('fk_returns_rules_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_returns')),
    sa.UniqueConstraint('number', name=op.f('uq_returns_number'))
    )
    op.create_index('ix_returns_open', 'returns', ['status', 'id'], unique=False, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index(op.f('ix_returns_order_id'), 'returns', ['order_id'], unique=False)
    op.create_table('return_lines',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('return_id', sa.Uuid(), nullable=False),
    sa.Column('line_id', sa.Uuid(), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.CheckConstraint('units > 0', name=op.f('ck_return_lines_units_positive')),
    sa.ForeignKeyConstraint(['line_id'], ['order_lines.id'], name=op.f('fk_return_lines_line_id')),
    sa.ForeignKeyConstraint(['return_id'], ['returns.id'], name=op.f('fk_return_lines_return_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_lines')),
    sa.UniqueConstraint('return_id', 'line_id', name=op.f('uq_return_lines_return_id_line_id'))
    )
    op.create_index(op.f('ix_return_lines_line_id'), 'return_lines', ['line_id'], unique=False)
    op.create_table('returned_goods',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('return_id', sa.Uuid(), nullable=False),
    sa.Column('line_id', sa.Uuid(), nullable=True),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('condition', sa.Enum('as_new', 'opened', 'worn', 'damaged', 'faulty', name='condition_known', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('photos', postgresql.JSONB(none_as_null=True), nullable=False),
    sa.Column('deduct_minor', sa.BigInteger(), nullable=False),
    sa.Column('disposition', sa.Enum('sellable', 'transfer', 'refurbish', 'write_off', 'supplier', name='disposition_known', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_by', sa.String(), nullable=False),
    sa.Column('disposed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('deduct_minor >= 0', name=op.f('ck_returned_goods_deduct_not_negative')),
    sa.CheckConstraint('disposition IS NULL OR condition IS NOT NULL', name=op.f('ck_returned_goods_disposed_was_inspected')),
    sa.CheckConstraint('units > 0', name=op.f('ck_returned_goods_units_positive')),
    sa.ForeignKeyConstraint(['line_id'], ['order_lines.id'], name=op.f('fk_returned_goods_line_id')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_returned_goods_location_id')),
    sa.ForeignKeyConstraint(['return_id'], ['returns.id'], name=op.f('fk_returned_goods_return_id')),
    sa.ForeignKeyConstraint(['sku'], ['products.sku'], name=op.f('fk_returned_goods_sku')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_returned_goods'))
    )
    op.create_index(op.f('ix_returned_goods_line_id'), 'returned_goods', ['line_id'], unique=False)
    op.create_index(op.f('ix_returned_goods_return_id'), 'returned_goods', ['return_id'], unique=False)

    let_hold("commands", "commandkind_known", (*COMMANDS, "returns"))
    let_hold("notices", "noticekind_known", (*NOTICES, "return_reminder"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM notices WHERE kind = 'return_reminder'")
    op.execute("DELETE FROM commands WHERE kind = 'returns'")
    let_hold("notices", "noticekind_known", NOTICES)
    let_hold("commands", "commandkind_known", COMMANDS)
    op.drop_index(op.f('ix_returned_goods_return_id'), table_name='returned_goods')
    op.drop_index(op.f('ix_returned_goods_line_id'), table_name='returned_goods')
    op.drop_table('returned_goods')
    op.drop_index(op.f('ix_return_lines_line_id'), table_name='return_lines')
    op.drop_table('return_lines')
    op.drop_index(op.f('ix_returns_order_id'), table_name='returns')
    op.drop_index('ix_returns_open', table_name='returns', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_table('returns')
    op.drop_table('return_rules')
