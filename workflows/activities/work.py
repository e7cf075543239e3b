"""How every activity touches the database."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime

from sqlmodel import Session
from temporalio.exceptions import ApplicationError

from oms import clock
from oms.db import transaction
from oms.errors import OmsError


@contextmanager
def unit_of_work() -> Generator[Session]:
    """A transaction in which a broken rule is final and any other failure is retried."""
    with final_rules(), transaction() as session:
        yield session


@contextmanager
def final_rules() -> Generator[None]:
    """Turn a broken rule into a failure that is not retried."""
    try:
        yield
    except OmsError as error:
        raise ApplicationError(error.message, type=error.code, non_retryable=True) from error


@contextmanager
def workflow_time(at: datetime | None) -> Generator[None]:
    """Never be behind the workflow that asks: what it waited for has come.

    Clocks of two machines differ, and a test lets the workflow's time run ahead.
    """
    if at is None or at <= clock.now():
        yield
        return
    with clock.at(at):
        yield
