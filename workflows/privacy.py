"""Keep personal data out of Temporal: an unforeseen error travels by name, its text stays here.

A database error may quote an e-mail address, and failures are stored and shown in the Temporal
UI for as long as the history is kept.
"""

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class ErrorsByName(Interceptor):
    """Replaces the text of unforeseen errors; our own are written for strangers to read."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the base class's name
        """Stand before every activity."""
        return _ErrorsByName(next)


class _ErrorsByName(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> object:  # noqa: A002 - likewise
        try:
            return await super().execute_activity(input)
        except (ApplicationError, CancelledError):
            raise
        except Exception as error:
            name = type(error).__name__
            log.exception("activity_failed", activity=activity.info().activity_type)
            raise ApplicationError(f"{name}; the worker's log has more", type=name) from None
