"""A transfer that does not come: somebody is asked where it is, until it is received."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from temporalio.testing import TimeSkipper

from oms import clock
from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.locations import queries as locations
from oms.transfers import receiving, sending
from oms.transfers.receiving import Came
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until
from tests.workflows.test_stories import closed, until_running


def ask_for_goods() -> UUID:
    with transaction() as session:
        return sending.request(
            session,
            from_location_id=locations.by_code(session, "W01").id,
            to_location_id=locations.by_code(session, "S01").id,
            wanted={"MUG": 2},
            expected_at=clock.now() + timedelta(days=2),
            actor="test",
        ).id


def send(transfer_id: UUID) -> None:
    with transaction() as session:
        sending.pick(session, transfer_id, picked={"MUG": 2}, actor="test")
        sending.ship(session, transfer_id, actor="test")


def receive(transfer_id: UUID) -> None:
    with transaction() as session:
        receiving.receive(session, transfer_id, counted={"MUG": Came(2)}, actor="test")


def cases() -> list[tuple[str, bool]]:
    """Kind of each case, and whether it is still open."""
    with transaction() as session:
        rows = session.exec(select(OpenException)).all()
    return [(case.kind.value, case.resolved_at is None) for case in rows]


def test_a_late_transfer_is_asked_about_once_and_the_receipt_ends_it(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        transfer_id = await asyncio.to_thread(ask_for_goods)
        async with at_work() as client:
            await until_running(client, f"transfer:{transfer_id}")
            await asyncio.to_thread(send, transfer_id)
            handle = client.get_workflow_handle(f"transfer:{transfer_id}")
            await TimeSkipper(client).fast_forward(handle, timedelta(days=2.1))
            await until(lambda: cases() == [("transfer_late", True)])
            await asyncio.to_thread(receive, transfer_id)
            assert await closed(client, f"transfer:{transfer_id}") == "received"
        assert cases() == [("transfer_late", False)]

    run(story())
