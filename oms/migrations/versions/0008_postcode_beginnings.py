"""postcodes found by their beginning, and the work that was given today."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As `oms.locations.geography.plain_postcode` writes them; of several that become one the first
# stays.
_PLAIN = "upper(regexp_replace(postcode, '[^[:alnum:]]', '', 'g'))"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "DELETE FROM postcodes WHERE (country, postcode) IN ("
        " SELECT country, postcode FROM ("
        f" SELECT country, postcode, {_PLAIN} AS plain,"
        f" row_number() OVER (PARTITION BY country, {_PLAIN}"
        f" ORDER BY postcode <> {_PLAIN}, postcode) AS place FROM postcodes) AS p"
        " WHERE place > 1 OR plain = '')"
    )
    op.execute(f"UPDATE postcodes SET postcode = {_PLAIN} WHERE postcode <> {_PLAIN}")
    # Ordered by characters, so that an index range holds all that begin alike.
    op.execute('ALTER TABLE postcodes ALTER COLUMN postcode TYPE varchar(12) COLLATE "C"')
    # Whoever routes counts the work of the last 24 hours; without it all that ever was is read.
    op.create_index("ix_fulfilments_given", "fulfilments", ["created_at"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_fulfilments_given", table_name="fulfilments")
    op.execute('ALTER TABLE postcodes ALTER COLUMN postcode TYPE varchar(12) COLLATE "default"')
