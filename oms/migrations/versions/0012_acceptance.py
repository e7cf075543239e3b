"""acceptance: outcomes by location and class, and overrides."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('outcome_counts',
    sa.Column('sku_class', sa.String(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('accepted', sa.Float(), nullable=False),
    sa.Column('declined', sa.Float(), nullable=False),
    sa.Column('as_of', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('accepted >= 0 AND declined >= 0', name=op.f('ck_outcome_counts_counts_not_negative')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_outcome_counts_location_id')),
    sa.PrimaryKeyConstraint('sku_class', 'location_id', name=op.f('pk_outcome_counts'))
    )
    op.create_table('acceptance_overrides',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('sku_class', sa.String(), nullable=False),
    sa.Column('probability', sa.Float(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('set_by', sa.String(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(), nullable=True),
    sa.Column('ended_because', sa.String(), nullable=True),
    sa.CheckConstraint('probability BETWEEN 0 AND 1', name=op.f('ck_acceptance_overrides_probability_range')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_acceptance_overrides_location_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acceptance_overrides'))
    )
    op.create_index('uq_acceptance_overrides_scope', 'acceptance_overrides', ['location_id', 'sku_class'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))


def downgrade() -> None:
    op.drop_index('uq_acceptance_overrides_scope', table_name='acceptance_overrides', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_table('acceptance_overrides')
    op.drop_table('outcome_counts')
