"""The task queues, and how patient we are with what runs on them."""

from datetime import timedelta

from temporalio.common import RetryPolicy

CORE = "oms-core"
CARRIER = "oms-carrier"
CHANNEL = "oms-channel"
PAYMENTS = "oms-payments"
SOLVER = "oms-solver"
NOTIFY = "oms-notify"

DATABASE_CALL = timedelta(seconds=20)
HTTP_CALL = timedelta(seconds=30)

LABEL_CALL = timedelta(seconds=90)
"""One label: every carrier's price, the purchase, and its bytes in two formats."""

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

NOTICE_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=10),
    maximum_attempts=45,
)
"""About six hours: a mail server that is away for a morning must not open a case a customer."""


def channel_queue(code: str) -> str:
    """The queue of one channel, so that a slow one holds up no other."""
    return f"{CHANNEL}-{code}"
