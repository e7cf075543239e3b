"""A transfer that does not come is asked about; one that routing asked for ends as a pickup."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from temporalio.testing import TimeSkipper

from oms import clock
from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.locations import queries as locations
from oms.ordering import ship_to_store
from oms.sourcing import policies
from oms.sourcing.policy import parse
from oms.transfers import queries as transfers
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


def a_pickup_to_be_sent() -> UUID:
    """An order for a store that has none of it, and leave to send it there."""
    shop.open_shop(s01=0)
    lanes = parse({"name": "sent on", "transfers": [{"parcel_cents": 200, "days": 1}]})
    with transaction() as session:
        policies.add(session, lanes, effective_from=None, actor="test")
    return shop.order({"MUG": 2}, pickup_store="S01")


def sent_for(order_id: UUID) -> list[UUID]:
    with transaction() as session:
        return [row.id for row in transfers.of_order(session, order_id)]


def arrive(transfer_id: UUID) -> None:
    send(transfer_id)
    with transaction() as session:
        ship_to_store.receive(session, transfer_id, counted={"MUG": Came(2)}, actor="test")


def test_a_pickup_is_sent_to_its_store_and_handed_over_there(at_work: AtWork) -> None:
    async def story() -> None:
        order_id = await asyncio.to_thread(a_pickup_to_be_sent)
        async with at_work() as client:
            await until(lambda: len(sent_for(order_id)) == 1)
            [transfer_id] = sent_for(order_id)
            await until_running(client, f"transfer:{transfer_id}")
            assert shop.fulfilments(order_id) == []
            await asyncio.to_thread(arrive, transfer_id)
            assert await closed(client, f"transfer:{transfer_id}") == "received"
            await until(lambda: len(shop.fulfilments(order_id)) == 1)
            [part] = shop.fulfilments(order_id)
            await until_running(client, f"fulfilment:{part.id}")
            assert shop.pickup(order_id).fulfilment_id == part.id
            assert sent_for(order_id) == [transfer_id]

    run(story())
