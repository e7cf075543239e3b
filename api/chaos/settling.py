"""Apply what was taken in but not applied, as the worker does: `python -m api.chaos.settling`."""

import structlog
from sqlalchemy.exc import SQLAlchemyError

from oms.logs import configure
from workflows import relay

_MOST_FAILURES = 1_000

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def settle() -> None:
    """Take up one message after another; what fails five times is parked, so this ends."""
    more, failures = True, 0
    while more:
        try:
            more = relay.settle_message(older_than_s=0)
        except SQLAlchemyError:
            log.exception("message_not_applied")
            failures += 1
            if failures > _MOST_FAILURES:
                raise


if __name__ == "__main__":
    configure()
    settle()
