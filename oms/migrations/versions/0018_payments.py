"""payments: tenders, their ledger, and refunds."""

import sqlalchemy as sa
from alembic import op

from oms.migrations.kinds import let_hold

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WRITEBACKS = ("shipped", "ready", "collected", "cancelled")
COMMANDS = ("place_order", "store_work", "stock")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('payments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('provider', sa.Enum('channel', 'till', name='provider_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('tender', sa.String(length=40), nullable=False),
    sa.Column('reference', sa.String(length=120), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('authorised_minor', sa.BigInteger(), nullable=False),
    sa.Column('captured_minor', sa.BigInteger(), nullable=False),
    sa.Column('voided_minor', sa.BigInteger(), nullable=False),
    sa.Column('refunded_minor', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.CheckConstraint('captured_minor >= 0 AND voided_minor >= 0 AND captured_minor + voided_minor <= authorised_minor', name=op.f('ck_payments_captured_within_authorised')),
    sa.CheckConstraint('refunded_minor BETWEEN 0 AND captured_minor', name=op.f('ck_payments_refunded_within_captured')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_payments_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments'))
    )
    op.create_index(op.f('ix_payments_order_id'), 'payments', ['order_id'], unique=False)
    op.create_index('uq_payments_channel', 'payments', ['order_id'], unique=True, postgresql_where=sa.text("provider = 'channel'"))
    op.create_table('refunds',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(start=3001), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('cause', sa.String(length=160), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('shipping_minor', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_refunds_amount_not_negative')),
    sa.CheckConstraint('fee_minor >= 0', name=op.f('ck_refunds_fee_not_negative')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_refunds_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('number', name=op.f('uq_refunds_number')),
    sa.UniqueConstraint('order_id', 'cause', name=op.f('uq_refunds_order_id_cause'))
    )
    op.create_table('payment_entries',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('authorise', 'capture', 'void', 'refund', name='entrykind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_entries_amount_positive')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_entries_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_entries')),
    sa.UniqueConstraint('key', name=op.f('uq_payment_entries_key'))
    )
    op.create_index('ix_payment_entries_at', 'payment_entries', ['at'], unique=False)
    op.create_index(op.f('ix_payment_entries_payment_id'), 'payment_entries', ['payment_id'], unique=False)
    op.create_table('priced_lines',
    sa.Column('line_id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('goods_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('extra_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('goods_minor + tax_minor + extra_minor >= 0', name=op.f('ck_priced_lines_total_not_negative')),
    sa.CheckConstraint('units >= 0', name=op.f('ck_priced_lines_units_not_negative')),
    sa.ForeignKeyConstraint(['line_id'], ['order_lines.id'], name=op.f('fk_priced_lines_line_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_priced_lines_order_id')),
    sa.PrimaryKeyConstraint('line_id', name=op.f('pk_priced_lines'))
    )
    op.create_index(op.f('ix_priced_lines_order_id'), 'priced_lines', ['order_id'], unique=False)
    op.create_table('refund_lines',
    sa.Column('refund_id', sa.Uuid(), nullable=False),
    sa.Column('line_id', sa.Uuid(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('goods_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('extra_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('units > 0', name=op.f('ck_refund_lines_units_positive')),
    sa.ForeignKeyConstraint(['line_id'], ['order_lines.id'], name=op.f('fk_refund_lines_line_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refunds.id'], name=op.f('fk_refund_lines_refund_id')),
    sa.PrimaryKeyConstraint('refund_id', 'line_id', name=op.f('pk_refund_lines'))
    )
    op.create_index(op.f('ix_refund_lines_line_id'), 'refund_lines', ['line_id'], unique=False)
    op.create_table('repayments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('refund_id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.Enum('owed', 'paid', name='repaymentstatus_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paid_by', sa.String(), nullable=True),
    sa.CheckConstraint("status <> 'paid' OR paid_at IS NOT NULL", name=op.f('ck_repayments_paid_has_time')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_repayments_amount_positive')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_repayments_order_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_repayments_payment_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refunds.id'], name=op.f('fk_repayments_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_repayments')),
    sa.UniqueConstraint('refund_id', 'payment_id', name=op.f('uq_repayments_refund_id_payment_id'))
    )
    op.create_index(op.f('ix_repayments_order_id'), 'repayments', ['order_id'], unique=False)
    op.create_index('ix_repayments_owed', 'repayments', ['created_at'], unique=False, postgresql_where=sa.text("status = 'owed'"))
    op.create_index(op.f('ix_repayments_payment_id'), 'repayments', ['payment_id'], unique=False)

    let_hold("writebacks", "writebackkind_known", (*WRITEBACKS, "refunded"))
    let_hold("commands", "commandkind_known", (*COMMANDS, "payments"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM writebacks WHERE kind = 'refunded'")
    op.execute("DELETE FROM commands WHERE kind = 'payments'")
    let_hold("commands", "commandkind_known", COMMANDS)
    let_hold("writebacks", "writebackkind_known", WRITEBACKS)
    op.drop_index(op.f('ix_repayments_payment_id'), table_name='repayments')
    op.drop_index('ix_repayments_owed', table_name='repayments', postgresql_where=sa.text("status = 'owed'"))
    op.drop_index(op.f('ix_repayments_order_id'), table_name='repayments')
    op.drop_table('repayments')
    op.drop_index(op.f('ix_refund_lines_line_id'), table_name='refund_lines')
    op.drop_table('refund_lines')
    op.drop_index(op.f('ix_priced_lines_order_id'), table_name='priced_lines')
    op.drop_table('priced_lines')
    op.drop_index(op.f('ix_payment_entries_payment_id'), table_name='payment_entries')
    op.drop_index('ix_payment_entries_at', table_name='payment_entries')
    op.drop_table('payment_entries')
    op.drop_table('refunds')
    op.drop_index('uq_payments_channel', table_name='payments', postgresql_where=sa.text("provider = 'channel'"))
    op.drop_index(op.f('ix_payments_order_id'), table_name='payments')
    op.drop_table('payments')
