"""The task queues, and how patient we are with what runs on them."""

from datetime import timedelta

from temporalio.common import RetryPolicy

CORE = "oms-core"
CARRIER = "oms-carrier"
CHANNEL = "oms-channel"
PAYMENTS = "oms-payments"
SOLVER = "oms-solver"

DATABASE_CALL = timedelta(seconds=20)
HTTP_CALL = timedelta(seconds=30)

DATABASE_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=20)
)
"""A database that is away comes back; we wait for it without end."""

HTTP_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=5),
    maximum_attempts=12,
)
"""About twenty minutes of trying; after that a person must look."""


def channel_queue(code: str) -> str:
    """The queue of one channel, so that a slow one holds up no other."""
    return f"{CHANNEL}-{code}"
