"""Faults that a crash run must find: known mistakes, planted in the run's own system."""

from collections.abc import Mapping
from typing import Final

from api.chaos.options import Variation

FAULTS: Final[Mapping[str, Variation]] = {
    "check-then-act": Variation(web_module="tests.chaos.planted.check_then_act"),
    "no-unique-key": Variation(
        web_module="tests.chaos.planted.no_unique_key",
        statements=("ALTER TABLE orders DROP CONSTRAINT uq_orders_channel_external_id",),
    ),
    "ack-before-commit": Variation(web_module="tests.chaos.planted.ack_before_commit"),
    "async-commit": Variation(
        # What is not yet written when the server dies is gone with its memory. The other settings
        # keep it there for longer than the usual fraction of a second, so that a short run shows
        # what a long one would.
        database_settings={
            "synchronous_commit": "off",
            "wal_writer_delay": "10s",
            "wal_writer_flush_after": "1GB",
            "wal_buffers": "64MB",
            "bgwriter_lru_maxpages": "0",
        }
    ),
}
