"""capture at speed."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = ("locations", "opening_hours", "closed_days", "postcodes", "tariff_sheets")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE TABLE network_version ("
        " one boolean CONSTRAINT pk_network_version PRIMARY KEY,"
        " version bigint NOT NULL,"
        " CONSTRAINT ck_network_version_single_row CHECK (one))"
    )
    op.execute("INSERT INTO network_version VALUES (true, 1)")
    op.execute(
        "CREATE FUNCTION count_network_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN UPDATE network_version SET version = version + 1; RETURN NULL; END $$"
    )
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER network_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION count_network_change()"
        )


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TRIGGER network_changed ON {table}")
    op.execute("DROP FUNCTION count_network_change()")
    op.execute("DROP TABLE network_version")
