"""A customer at the car whom nobody attends to, and one who never came: the workflow's timers."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.locations import queries as locations
from oms.pickup import arrivals, handover
from oms.pickup.arrivals import Car
from oms.pickup.curbside_models import Arrival
from oms.pickup.handover import Shown
from oms.pickup.models import Pickup, Proof
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until
from tests.workflows.test_stories import closed, until_running


def visits() -> list[Arrival]:
    """Every visit, oldest first."""
    with transaction() as session:
        return list(session.exec(select(Arrival).order_by(Arrival.id)))  # type: ignore[arg-type]


def escalated() -> int:
    return visits()[-1].escalated


def say_here(pickup: Pickup) -> None:
    with transaction() as session:
        arrivals.here(session, pickup.qr_token, Car(plate="AB 123"))


def test_a_customer_outside_is_called_out_at_three_and_five_minutes_and_then_served(
    at_work: AtWork,
) -> None:
    async def story() -> None:
        shop.open_shop()
        with transaction() as session:
            locations.by_code(session, "S01").can_curbside = True
        order_id = shop.order({"MUG": 1}, pickup_store="S01")
        other_id = shop.order({"MUG": 1}, pickup_store="S01")
        async with at_work() as client:
            never_came = await ready(client, other_id)
            waiting = await ready(client, order_id)
            skipper = TimeSkipper(client)

            def set_out() -> None:
                with transaction() as session:
                    arrivals.on_my_way(session, never_came.qr_token, minutes=10)

            await asyncio.to_thread(set_out)
            other = client.get_workflow_handle(f"fulfilment:{never_came.fulfilment_id}")
            await skipper.fast_forward(other, timedelta(minutes=71))
            await until(lambda: visits()[0].status.value == "gone")

            handle = client.get_workflow_handle(f"fulfilment:{waiting.fulfilment_id}")
            await asyncio.to_thread(say_here, waiting)
            for minutes, level in ((3.1, 1), (2, 2)):
                await skipper.fast_forward(handle, timedelta(minutes=minutes))
                await until(lambda level=level: escalated() == level)
            assert await asyncio.to_thread(cases) == ["customer_waits"]

            def hand_over() -> None:
                with transaction() as session:
                    arrivals.take(session, waiting.id, actor="test")
                    shown = Shown(Proof.CODE, waiting.code)
                    handover.hand_over(session, waiting.id, shown, actor="test")

            await asyncio.to_thread(hand_over)
            # The workflow's clock runs ahead, so the minute in which it could be undone is over.
            assert await closed(client, f"fulfilment:{waiting.fulfilment_id}") == "collected"
        assert [(visit.status.value, visit.plate) for visit in visits()] == [
            ("gone", ""),
            ("served", ""),
        ]
        assert cases() == []

    async def ready(client: Client, order_id: UUID) -> Pickup:
        waiting: Pickup = await until(lambda: shop.pickup(order_id))
        await until_running(client, f"fulfilment:{waiting.fulfilment_id}")
        await asyncio.to_thread(shop.stage, waiting.id, {"MUG": 1})
        return waiting

    def cases() -> list[str]:
        with transaction() as session:
            rows = session.exec(select(OpenException)).all()
        return [case.kind.value for case in rows if case.resolved_at is None]

    run(story())
