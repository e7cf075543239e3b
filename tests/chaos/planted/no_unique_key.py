"""Nothing tells a repeated message from a new one, and nothing makes one order's messages queue.

The run's database has no unique key on orders either; see `tests.chaos.faults`.
"""

from dataclasses import replace
from uuid import uuid4

from sqlmodel import Session

from api import cli
from oms.channels import inbox
from oms.channels.base import Channel, RawRequest
from oms.channels.inbox import Receipt
from oms.ordering import placing

_store = inbox.store


class _Forgetful:
    """An adapter that takes every delivery for another message."""

    def __init__(self, adapter: Channel) -> None:
        self._adapter = adapter
        self.code = adapter.code

    def hint(self, request: RawRequest) -> object:
        return replace(self._adapter.hint(request), dedupe_key=str(uuid4()))


def store(session: Session, adapter: Channel, request: RawRequest) -> Receipt:
    return _store(session, _Forgetful(adapter), request)  # type: ignore[arg-type]


def lock_reference(session: Session, *, channel: str, external_id: str) -> None:
    pass


inbox.store = store
placing.lock_reference = lock_reference

if __name__ == "__main__":
    cli.main()
