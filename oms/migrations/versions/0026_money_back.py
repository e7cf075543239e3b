"""money back: quarantine, gift cards and store credit, exchanges, labels and links of returns."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _set_quarantine_apart()
    _add_credits()
    _add_to_returns()
    _add_cards()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f('ix_card_intents_order_id'), table_name='card_intents')
    op.drop_index('ix_card_intents_open', table_name='card_intents', postgresql_where=sa.text("status IN ('asked', 'open')"))
    op.drop_table('card_intents')
    _drop_from_returns()
    _drop_credits()
    op.drop_constraint(
        op.f("ck_stock_balances_quarantined_within_damaged"), "stock_balances", type_="check"
    )
    op.drop_column("stock_balances", "quarantined")


def _set_quarantine_apart() -> None:
    op.add_column(
        "stock_balances",
        sa.Column("quarantined", sa.Integer(), server_default="0", nullable=False),
    )
    # What came back and was not decided on is set apart already. Where somebody restored such
    # units by hand, no more is in quarantine than is left of them.
    op.execute(
        """UPDATE stock_balances b SET quarantined = least(b.damaged, g.units)
           FROM (SELECT sku, location_id, sum(units) AS units FROM returned_goods
                 WHERE disposed_at IS NULL GROUP BY sku, location_id) g
           WHERE g.sku = b.sku AND g.location_id = b.location_id"""
    )
    op.create_check_constraint(
        op.f("ck_stock_balances_quarantined_within_damaged"),
        "stock_balances",
        "quarantined BETWEEN 0 AND damaged",
    )


def _add_credits() -> None:
    op.create_table('credits',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('gift_card', 'store_credit', name='creditkind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('ending', sa.String(length=4), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('balance_minor', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.CheckConstraint('balance_minor >= 0', name=op.f('ck_credits_balance_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_credits_code_hash'))
    )
    op.create_index('ix_credits_expiring', 'credits', ['expires_at'], unique=False, postgresql_where=sa.text('expires_at IS NOT NULL AND balance_minor > 0'))
    op.create_table('credit_entries',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('credit_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('issue', 'spend', 'refund', 'expire', name='creditentrykind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('delta_minor', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.CheckConstraint("delta_minor <> 0 AND (delta_minor > 0) = (kind IN ('issue', 'refund'))", name=op.f('ck_credit_entries_delta_fits_kind')),
    sa.ForeignKeyConstraint(['credit_id'], ['credits.id'], name=op.f('fk_credit_entries_credit_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_credit_entries_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_entries')),
    sa.UniqueConstraint('key', name=op.f('uq_credit_entries_key'))
    )
    op.create_index(op.f('ix_credit_entries_credit_id'), 'credit_entries', ['credit_id'], unique=False)
    for table in ('payments', 'repayments'):
        op.add_column(table, sa.Column('credit_id', sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f'fk_{table}_credit_id'), table, 'credits', ['credit_id'], ['id'])
        op.create_index(op.f(f'ix_{table}_credit_id'), table, ['credit_id'], unique=False)
    _let_provide("channel", "till", "stripe", "credit")
    op.create_check_constraint(op.f('ck_payments_credit_is_named'), 'payments', "(provider = 'credit') = (credit_id IS NOT NULL)")
    op.drop_constraint(op.f('uq_repayments_refund_id_payment_id'), 'repayments', type_='unique')
    op.create_unique_constraint(op.f('uq_repayments_refund_id_payment_id_credit_id'), 'repayments', ['refund_id', 'payment_id', 'credit_id'], postgresql_nulls_not_distinct=True)


def _drop_credits() -> None:
    # Orders that were paid with a card, or refunded onto one, cannot be told without credits.
    op.drop_constraint(op.f('uq_repayments_refund_id_payment_id_credit_id'), 'repayments', type_='unique')
    op.create_unique_constraint(op.f('uq_repayments_refund_id_payment_id'), 'repayments', ['refund_id', 'payment_id'])
    op.drop_constraint(op.f('ck_payments_credit_is_named'), 'payments', type_='check')
    _let_provide("channel", "till")
    for table in ('repayments', 'payments'):
        op.drop_index(op.f(f'ix_{table}_credit_id'), table_name=table)
        op.drop_constraint(op.f(f'fk_{table}_credit_id'), table, type_='foreignkey')
        op.drop_column(table, 'credit_id')
    op.drop_index(op.f('ix_credit_entries_credit_id'), table_name='credit_entries')
    op.drop_table('credit_entries')
    op.drop_index('ix_credits_expiring', table_name='credits', postgresql_where=sa.text('expires_at IS NOT NULL AND balance_minor > 0'))
    op.drop_table('credits')


def _add_to_returns() -> None:
    op.add_column('returns', sa.Column('exchange', sa.Enum('none', 'after_receipt', 'at_once', name='exchange_known', native_enum=False, create_constraint=True, length=40), server_default='none', nullable=False))
    op.add_column('returns', sa.Column('exchange_order_id', sa.Uuid(), nullable=True))
    op.add_column('returns', sa.Column('credit_id', sa.Uuid(), nullable=True))
    op.add_column('returns', sa.Column('label_cost_minor', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('returns', sa.Column('wants_label', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('returns', sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('returns', sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f('fk_returns_exchange_order_id'), 'returns', 'orders', ['exchange_order_id'], ['id'])
    op.create_foreign_key(op.f('fk_returns_credit_id'), 'returns', 'credits', ['credit_id'], ['id'])
    op.create_unique_constraint(op.f('uq_returns_exchange_order_id'), 'returns', ['exchange_order_id'])
    op.create_table('return_links',
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_return_links_order_id')),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_return_links')),
    sa.UniqueConstraint('token', name=op.f('uq_return_links_token'))
    )
    op.create_table('return_labels',
    sa.Column('return_id', sa.Uuid(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('carrier', sa.String(length=40), nullable=False),
    sa.Column('service', sa.String(length=80), nullable=False),
    sa.Column('tracking_number', sa.String(length=120), nullable=False),
    sa.Column('tracking_url', sa.String(), nullable=False),
    sa.Column('cost_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('bought_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('given_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_return_labels_location_id')),
    sa.ForeignKeyConstraint(['return_id'], ['returns.id'], name=op.f('fk_return_labels_return_id')),
    sa.PrimaryKeyConstraint('return_id', name=op.f('pk_return_labels'))
    )
    op.create_index(op.f('ix_return_labels_tracking_number'), 'return_labels', ['tracking_number'], unique=False)
    op.create_table('unreceipted_returns',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('unit_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('condition', sa.Enum('as_new', 'opened', 'worn', 'damaged', 'faulty', name='condition_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('disposition', sa.Enum('sellable', 'transfer', 'refurbish', 'write_off', 'supplier', name='disposition_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('credit_id', sa.Uuid(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.String(), nullable=False),
    sa.CheckConstraint('unit_minor >= 0', name=op.f('ck_unreceipted_returns_price_not_negative')),
    sa.CheckConstraint('units > 0', name=op.f('ck_unreceipted_returns_units_positive')),
    sa.ForeignKeyConstraint(['credit_id'], ['credits.id'], name=op.f('fk_unreceipted_returns_credit_id')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_unreceipted_returns_location_id')),
    sa.ForeignKeyConstraint(['sku'], ['products.sku'], name=op.f('fk_unreceipted_returns_sku')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unreceipted_returns'))
    )
    op.create_index(op.f('ix_unreceipted_returns_location_id'), 'unreceipted_returns', ['location_id'], unique=False)


def _add_cards() -> None:
    op.create_table('card_intents',
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('intent_id', sa.String(length=120), nullable=False),
    sa.Column('status', sa.Enum('asked', 'open', 'spent', 'voided', 'refused', name='intentstatus_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('captured_minor', sa.BigInteger(), nullable=False),
    sa.Column('renew_minor', sa.BigInteger(), nullable=False),
    sa.Column('news', sa.Boolean(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('captured_minor >= 0 AND renew_minor >= 0', name=op.f('ck_card_intents_amounts_not_negative')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_card_intents_order_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_card_intents_payment_id')),
    sa.PrimaryKeyConstraint('payment_id', name=op.f('pk_card_intents')),
    sa.UniqueConstraint('intent_id', name=op.f('uq_card_intents_intent_id'))
    )
    op.create_index('ix_card_intents_open', 'card_intents', ['asked_at'], unique=False, postgresql_where=sa.text("status IN ('asked', 'open')"))
    op.create_index(op.f('ix_card_intents_order_id'), 'card_intents', ['order_id'], unique=False)


def _drop_from_returns() -> None:
    op.drop_index(op.f('ix_unreceipted_returns_location_id'), table_name='unreceipted_returns')
    op.drop_table('unreceipted_returns')
    op.drop_index(op.f('ix_return_labels_tracking_number'), table_name='return_labels')
    op.drop_table('return_labels')
    op.drop_table('return_links')
    op.drop_constraint(op.f('uq_returns_exchange_order_id'), 'returns', type_='unique')
    for column in ('arrived_at', 'sent_at', 'wants_label', 'label_cost_minor', 'credit_id', 'exchange_order_id', 'exchange'):
        op.drop_column('returns', column)


def _let_provide(*words: str) -> None:
    """Let `payments.provider` hold these words and no others."""
    known = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f('ck_payments_provider_known'), 'payments', type_='check')
    op.create_check_constraint(op.f('ck_payments_provider_known'), 'payments', f"provider IN ({known})")
