"""Simulated associates do the stores' work over HTTP, and leave the newcomer's store alone."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select

from api.demo import associates
from api.demo.seeding import seed
from api.demo.steps import Pace
from oms.db import transaction
from oms.fulfilments import packing
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel
from oms.fulfilments.packing import BoughtLabel
from oms.ordering import placing
from oms.pickup.models import Pickup, PickupStatus, Proof
from oms.sourcing import routing_orders
from tests.builders import a_new_order
from tests.demo.serving import web

FAST = Pace(
    step_s=0.05, collect_s=0.1, busy_s=0.05, idle_s=0.2, away_s=0.1,
    rejected_pickups=0, rejected_shipments=0,
)  # fmt: skip
LONGEST_S = 20.0


@pytest.fixture(autouse=True)
def seeded(live_database: str, demo_settings: None, data_dir: Path) -> None:
    seed(data_dir)


def placed(pickup_store: str | None = None) -> UUID:
    """An order that a location has been given; returns the fulfilment's id."""
    with transaction() as session:
        order = placing.place(
            session, a_new_order({"MUG-SAGE": 1}, pickup_store=pickup_store), actor="test"
        )
    routed = routing_orders.route(order.id, actor="test")
    assert routed is not None
    [fulfilment_id] = routed.fulfilment_ids
    return fulfilment_id


@contextmanager
def at_work(url: str, data_dir: Path, *, pace: Pace = FAST) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(
        target=associates.run,
        kwargs={"web_url": url, "data_dir": data_dir, "stop": stop, "pace": pace},
    )
    thread.start()
    try:
        yield
        assert thread.is_alive()
    finally:
        stop.set()
        thread.join()


def wait_for(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not done():
        assert time.monotonic() < deadline, "nobody did it"
        time.sleep(0.05)


def status(fulfilment_id: UUID) -> FulfilmentStatus:
    with transaction() as session:
        return session.get_one(Fulfilment, fulfilment_id).status


def pickup_of(fulfilment_id: UUID) -> Pickup:
    with transaction() as session:
        return session.exec(select(Pickup).where(Pickup.fulfilment_id == fulfilment_id)).one()


def test_a_pickup_is_prepared_and_handed_over_to_whoever_proves_to_be_its_customer(
    data_dir: Path,
) -> None:
    mine, theirs = placed(pickup_store="S01"), placed(pickup_store="S02")
    with web() as url, at_work(url, data_dir):
        wait_for(lambda: pickup_of(theirs).status is PickupStatus.HANDING_OVER)
    collected = pickup_of(theirs)
    assert (collected.proof, collected.handed_over_by) == (
        Proof.IDENTITY,
        "service:demo-associates",
    )
    assert len(collected.shelf) == 2
    assert status(mine) is FulfilmentStatus.ALLOCATED


def test_a_shipment_is_handed_over_once_its_labels_are_there(data_dir: Path) -> None:
    shipment = placed()
    with web() as url, at_work(url, data_dir):
        wait_for(lambda: status(shipment) is FulfilmentStatus.PACKED)
        _label(shipment)
        wait_for(lambda: status(shipment) is FulfilmentStatus.HANDED_OVER)


def test_work_that_is_given_back_is_off_the_queue(data_dir: Path) -> None:
    shipment = placed()
    pace = Pace(step_s=0.05, busy_s=0.05, idle_s=0.2, rejected_shipments=1)
    with web() as url, at_work(url, data_dir, pace=pace):
        wait_for(lambda: status(shipment) is FulfilmentStatus.REJECTED)


def test_associates_wait_for_a_service_that_is_away_and_go_on_when_it_is_back(
    data_dir: Path,
) -> None:
    first = placed(pickup_store="S02")
    port = _free_port()
    with at_work(f"http://127.0.0.1:{port}", data_dir):
        with web(port):
            wait_for(lambda: pickup_of(first).status is PickupStatus.HANDING_OVER)
        second = placed(pickup_store="S03")
        with web(port):
            wait_for(lambda: pickup_of(second).status is PickupStatus.HANDING_OVER)


def _label(fulfilment_id: UUID) -> None:
    """Buy the labels, as the shipment's workflow would."""
    with transaction() as session:
        for parcel in session.exec(
            select(Parcel).where(Parcel.fulfilment_id == fulfilment_id).order_by(col(Parcel.number))
        ).all():
            label = BoughtLabel(
                carrier="simulated",
                service="ground",
                tracking_number=f"TEST{parcel.number}",
                tracking_url="",
                cost_minor=500,
                currency="USD",
                contents={"pdf": b"%PDF", "zpl": b"^XA^XZ"},
            )
            packing.attach_label(session, parcel.id, label, actor="carrier:simulated")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
