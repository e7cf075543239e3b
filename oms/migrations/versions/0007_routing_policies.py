"""routing policies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "routing_policies",
        sa.Column("version", sa.Integer(), sa.Identity(start=1), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("replay", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_routing_policies")),
    )
    op.create_index(
        "ix_routing_policies_effective_from", "routing_policies", ["effective_from", "version"]
    )
    op.add_column("routing_decisions", sa.Column("policy_version", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_routing_decisions_policy_version"),
        "routing_decisions",
        "routing_policies",
        ["policy_version"],
        ["version"],
    )
    # Capture keeps the policies in memory beside the network; a new version is counted as a change.
    op.execute(
        "CREATE TRIGGER network_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
        " ON routing_policies FOR EACH STATEMENT EXECUTE FUNCTION count_network_change()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(
        op.f("fk_routing_decisions_policy_version"), "routing_decisions", type_="foreignkey"
    )
    op.drop_column("routing_decisions", "policy_version")
    op.drop_table("routing_policies")
