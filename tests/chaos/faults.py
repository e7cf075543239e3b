"""Faults that a crash run must find: known mistakes, planted in the run's own system.

They are planted beneath the product's code, in the database, or around it, so that they stay
planted however that code goes about its work.
"""

from collections.abc import Mapping
from typing import Final

from api.chaos.options import Variation

_CHECK_THEN_ACT: Final = (
    # An update of a table waits for whoever has the row, and looks at its guard again. An update
    # of a view with a trigger has decided by then, from what it read; it writes what it reckoned.
    "ALTER TABLE stock_balances RENAME TO stock_balances_kept",
    "CREATE VIEW stock_balances AS SELECT * FROM stock_balances_kept",
    """CREATE FUNCTION write_what_was_reckoned() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
           PERFORM pg_sleep(0.005);
           UPDATE stock_balances_kept SET on_hand = NEW.on_hand, reserved = NEW.reserved
           WHERE sku = OLD.sku AND location_id = OLD.location_id;
           RETURN NEW;
       END $$""",
    """CREATE TRIGGER write_what_was_reckoned INSTEAD OF UPDATE ON stock_balances
       FOR EACH ROW EXECUTE FUNCTION write_what_was_reckoned()""",
)
_NO_UNIQUE_KEY: Final = (
    "ALTER TABLE orders DROP CONSTRAINT uq_orders_channel_external_id",
    # No message is like another.
    """CREATE FUNCTION forget_the_key() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
           NEW.dedupe_key := gen_random_uuid();
           RETURN NEW;
       END $$""",
    """CREATE TRIGGER forget_the_key BEFORE INSERT ON channel_message_keys
       FOR EACH ROW EXECUTE FUNCTION forget_the_key()""",
    # Nobody waits for whoever works on the same order.
    "CREATE SCHEMA careless",
    """CREATE FUNCTION careless.pg_advisory_xact_lock(bigint) RETURNS void
       LANGUAGE sql AS 'SELECT'""",
    """CREATE FUNCTION careless.pg_try_advisory_xact_lock(bigint) RETURNS boolean
       LANGUAGE sql AS 'SELECT true'""",
    "ALTER ROLE CURRENT_USER SET search_path = public, careless, pg_catalog",
)
_ASYNC_COMMIT: Final = {
    "synchronous_commit": "off",
    # What is not yet written when the server dies is gone with its memory. These keep it there
    # for longer than the usual fraction of a second, so that a short run shows what a long one
    # would.
    "wal_writer_delay": "10s",
    "wal_writer_flush_after": "1GB",
    "wal_buffers": "64MB",
    "bgwriter_lru_maxpages": "0",
}

FAULTS: Final[Mapping[str, Variation]] = {
    "check-then-act": Variation(statements=_CHECK_THEN_ACT),
    "no-unique-key": Variation(statements=_NO_UNIQUE_KEY),
    "ack-before-commit": Variation(web_module="tests.chaos.hasty_web"),
    "async-commit": Variation(database_settings=_ASYNC_COMMIT),
}
