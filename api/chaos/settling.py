"""Apply what was taken in but not applied, as the worker does: `python -m api.chaos.settling`."""

from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from oms.channels import inbox
from oms.db import transaction
from oms.logs import configure

log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


def settle() -> None:
    """Take up one message after another; what fails five times is parked, so this ends."""
    while True:
        with transaction() as session:
            message_id = inbox.unsettled(session, older_than_s=0)
        if message_id is None:
            return
        try:
            with transaction() as session:
                inbox.apply_stored(session, message_id)
        except SQLAlchemyError:
            log.exception("message_not_applied", message_id=str(message_id))


if __name__ == "__main__":
    configure()
    settle()
