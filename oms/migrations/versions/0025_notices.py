"""notices: sendings by medium, opt-outs, brands' own wordings; customers' links and collectors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from oms.migrations.kinds import let_hold

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NOTICES = ("ready", "reminder", "expired", "shipped", "return_reminder")
EXCEPTIONS = (
    "unknown_sku", "malformed_order", "unknown_store", "cannot_fill", "change_refused",
    "writeback_failed", "carrier_failed", "parcel_lost", "workflow_stuck", "customer_waits",
    "transfer_late", "internal",
)
NEW_EXCEPTIONS = ("notice_failed", "arrived_wrong")
MEDIA = ("email", "sms", "webhook")
KINDS = (
    "confirmed", "delayed", "ready", "reminder", "expired", "shipped", "out_for_delivery",
    "delivered", "refunded", "return_reminder",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    let_hold("notices", "noticekind_known", KINDS)
    let_hold("exceptions", "exceptionkind_known", (*EXCEPTIONS[:-1], *NEW_EXCEPTIONS, "internal"))
    op.add_column("notices", sa.Column("facts", postgresql.JSONB(none_as_null=True), server_default="{}", nullable=False))
    op.add_column("notices", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("notices", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    _sendings()
    _keep_what_was_sent()
    op.alter_column("notices", "facts", server_default=None)
    op.alter_column("notices", "version", server_default=None)
    for column in ("subject", "body", "status", "sent_at"):
        op.drop_column("notices", column)
    op.create_index("ix_notices_open", "notices", ["created_at"], postgresql_where=sa.text("closed_at IS NULL"))
    _choices()
    _customers()
    op.add_column("orders", sa.Column("locale", sa.String(length=20), server_default="", nullable=False))
    op.add_column("orders", sa.Column("delivery_moved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_orders_open_promise", "orders", ["promise_by"], postgresql_where=sa.text("closed_at IS NULL"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_orders_open_promise", table_name="orders")
    op.drop_column("orders", "delivery_moved_at")
    op.drop_column("orders", "locale")
    for table in ("arrival_answers", "collectors", "customer_links", "notice_templates", "notice_opt_outs"):
        op.drop_table(table)
    op.drop_index("ix_notices_open", table_name="notices")
    op.add_column("notices", sa.Column("subject", sa.String(), server_default="", nullable=False))
    op.add_column("notices", sa.Column("body", sa.String(), server_default="", nullable=False))
    op.add_column("notices", sa.Column("status", sa.Enum("recorded", "sent", "refused", name="noticestatus_known", native_enum=False, create_constraint=True, length=40), server_default="recorded", nullable=False))
    op.add_column("notices", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE notices AS n SET subject = s.subject, body = s.body, sent_at = s.sent_at,"
        " status = CASE s.status WHEN 'sent' THEN 'sent' WHEN 'refused' THEN 'refused' ELSE 'recorded' END"
        " FROM notice_sendings AS s WHERE s.notice_id = n.id AND s.medium = 'email'"
    )
    for column in ("subject", "body", "status"):
        op.alter_column("notices", column, server_default=None)
    op.drop_table("notice_sendings")
    for column in ("closed_at", "version", "facts"):
        op.drop_column("notices", column)
    op.execute("DELETE FROM notices WHERE kind IN ('confirmed', 'delayed', 'out_for_delivery', 'delivered', 'refunded')")
    op.execute("DELETE FROM exceptions WHERE kind IN ('notice_failed', 'arrived_wrong')")
    let_hold("exceptions", "exceptionkind_known", EXCEPTIONS)
    let_hold("notices", "noticekind_known", NOTICES)


def _sendings() -> None:
    op.create_table(
        "notice_sendings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("medium", sa.Enum(*MEDIA, name="medium_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("status", sa.Enum("owed", "sent", "refused", "dead", "skipped", "opted_out", name="sendingstatus_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notice_sendings_sent_has_time")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_sendings_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_sendings")),
        sa.UniqueConstraint("notice_id", "medium", "target", name=op.f("uq_notice_sendings_notice_id_medium_target")),
        sa.UniqueConstraint("token", name=op.f("uq_notice_sendings_token")),
    )


def _keep_what_was_sent() -> None:
    """Letters become sendings; what waited for a mail server is old news by now."""
    op.execute(
        "INSERT INTO notice_sendings (id, notice_id, medium, target, status, brand, locale, subject, body, token,"
        " attempts, last_error, sent_at, reference, created_at)"
        " SELECT gen_random_uuid(), id, 'email', '', CASE status WHEN 'recorded' THEN 'skipped' ELSE status END,"
        " 'default', 'en', subject, body, replace(gen_random_uuid()::text, '-', ''),"
        " CASE status WHEN 'recorded' THEN 0 ELSE 1 END,"
        " CASE status WHEN 'recorded' THEN 'no mail server was set' END,"
        " CASE status WHEN 'sent' THEN coalesce(sent_at, created_at) END, '', created_at FROM notices"
    )
    op.execute("UPDATE notices SET closed_at = coalesce(sent_at, created_at)")


def _choices() -> None:
    op.create_table(
        "notice_opt_outs",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("medium", sa.Enum(*MEDIA, name="medium_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="noticekind_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_notice_opt_outs_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "medium", "kind", name=op.f("pk_notice_opt_outs")),
    )
    op.create_table(
        "notice_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="noticekind_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sms", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_notice_templates_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_templates")),
        sa.UniqueConstraint("brand", "language", "kind", "version", name=op.f("uq_notice_templates_brand_language_kind_version")),
    )


def _customers() -> None:
    op.create_table(
        "customer_links",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_customer_links_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_customer_links")),
        sa.UniqueConstraint("token", name=op.f("uq_customer_links_token")),
    )
    op.create_table(
        "collectors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_collectors_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collectors")),
        sa.UniqueConstraint("order_id", "name", name=op.f("uq_collectors_order_id_name")),
    )
    op.create_index(op.f("ix_collectors_order_id"), "collectors", ["order_id"])
    op.create_table(
        "arrival_answers",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Enum("well", "missing", "damaged", name="verdict_known", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_arrival_answers_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_arrival_answers")),
    )
