"""replays: the inputs of decisions are kept, decisions of a day found, promotions explained."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "routing_decisions",
        sa.Column("inputs", postgresql.JSONB(none_as_null=True), nullable=True),
    )
    # A replay asks for the decisions of a day.
    op.create_index("ix_routing_decisions_at", "routing_decisions", ["at"])
    op.add_column(
        "routing_policies", sa.Column("not_replayed_because", sa.String(), nullable=True)
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("routing_policies", "not_replayed_because")
    op.drop_index("ix_routing_decisions_at", table_name="routing_decisions")
    op.drop_column("routing_decisions", "inputs")
