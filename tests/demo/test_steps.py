"""An associate's next step follows from what the queue shows, and is the same at every look."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.demo.steps import Pace, Step, with_pickup, with_shipment
from api.schemas.stores import HandOverIn, PackIn, PickupOut, ReadyIn, RejectIn, SeenIn, ShipmentOut

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEVER = Pace(rejected_pickups=0, rejected_shipments=0)
ALWAYS = Pace(rejected_pickups=1, rejected_shipments=1)
ID = UUID("0195a3e0-0000-7000-8000-000000000001")


def a_pickup(step: str, *, of: UUID = ID, **fields: Any) -> PickupOut:
    return PickupOut.model_validate(
        {
            "pickup_id": of,
            "order_number": "#1",
            "channel": "shopify",
            "customer_name": "Ada Example",
            "status": "ready" if step == "ready" else "preparing",
            "step": step,
            "version": 3,
            "due_at": NOW,
            "minutes_to_promise": 10,
            "shelf": "",
            "pick_up_by": None,
            "locked_until": None,
            "lines": [
                {"sku": sku, "name": sku, "quantity": 2, "picked": 0, "barcodes": []}
                for sku in ("MUG", "BOWL", "MUG")
            ],
            **fields,
        }
    )


def a_shipment(status: str, *, of: UUID = ID, tracking: Sequence[str | None] = ()) -> ShipmentOut:
    return ShipmentOut.model_validate(
        {
            "fulfilment_id": of,
            "number": 5001,
            "status": status,
            "version": 2,
            "due_at": NOW,
            "lines": [{"sku": "MUG", "quantity": 2, "picked": 0}],
            "parcels": [
                {
                    "id": uuid4(),
                    "number": number,
                    "status": "labelled" if one else "packed",
                    "weight_g": 500,
                    "length_mm": 200,
                    "width_mm": 150,
                    "height_mm": 100,
                    "box_code": None,
                    "label_wanted": True,
                    "replaces": None,
                    "void_owed": False,
                    "prints": 0,
                    "manifest_id": None,
                    "carrier": None,
                    "service": None,
                    "tracking_number": one,
                    "tracking_url": None,
                }
                for number, one in enumerate(tracking, start=1)
            ],
        }
    )


def taken(step: Step | None) -> Step:
    assert step is not None
    return step


def test_a_new_pickup_is_taken_in_hand() -> None:
    step = taken(with_pickup(a_pickup("new"), NEVER))
    assert (step.path, step.body, step.after_s) == (f"pickups/{ID}/start", {"version": 3}, 4.0)
    assert step.key == f"pickups/{ID}/start-3"


def test_all_that_is_asked_for_is_picked_and_laid_on_a_shelf() -> None:
    step = taken(with_pickup(a_pickup("picking"), NEVER))
    assert step.path == f"pickups/{ID}/ready"
    body = ReadyIn.model_validate(step.body)
    assert body.picked == {"MUG": 4, "BOWL": 2}
    assert len(body.shelf) == 2


def test_a_customer_comes_after_a_while_and_shows_a_document() -> None:
    step = taken(with_pickup(a_pickup("ready"), NEVER))
    assert step.path == f"pickups/{ID}/hand-over"
    assert HandOverIn.model_validate(step.body).proof == "identity"
    assert 15 <= step.after_s < 45


def test_a_locked_pickup_is_left_alone() -> None:
    assert with_pickup(a_pickup("ready", locked_until=NOW), NEVER) is None


def test_what_was_not_collected_goes_back() -> None:
    step = taken(with_pickup(a_pickup("expired"), NEVER))
    assert (step.path, step.body) == (f"pickups/{ID}/put-back", {"version": 3})


@pytest.mark.parametrize(
    ("shipment", "path", "body"),
    [
        (a_shipment("allocated"), "start", {"version": 2}),
        (a_shipment("picking"), "pack", {"picked": {"MUG": 2}, "version": 2}),
        (a_shipment("packed", tracking=["T1", "T2"]), "hand-over", {"version": 2}),
    ],
)
def test_a_shipment_is_started_packed_and_handed_over(
    shipment: ShipmentOut, path: str, body: dict[str, Any]
) -> None:
    step = taken(with_shipment(shipment, NEVER))
    assert (step.path, step.body) == (f"shipments/{ID}/{path}", body)
    PackIn.model_validate(step.body) if path == "pack" else SeenIn.model_validate(step.body)


def test_a_shipment_waits_for_the_label_of_every_parcel() -> None:
    assert with_shipment(a_shipment("packed", tracking=["T1", None]), NEVER) is None


def test_a_rejection_says_why_and_names_what_is_gone() -> None:
    reasons = set()
    for _ in range(60):
        one = uuid4()
        for step in (
            taken(with_pickup(a_pickup("picking", of=one), ALWAYS)),
            taken(with_shipment(a_shipment("picking", of=one), ALWAYS)),
        ):
            assert step.path.endswith("/reject")
            body = RejectIn.model_validate(step.body)
            assert bool(body.skus) == (body.reason.value != "too_busy")
            assert set(body.skus) <= {"BOWL", "MUG"}
            reasons.add(body.reason.value)
    assert reasons == {"not_found", "damaged", "too_busy"}


def test_few_shipments_are_rejected() -> None:
    steps = [
        taken(with_shipment(a_shipment("picking", of=UUID(int=n)), Pace())) for n in range(2_000)
    ]
    rejected = sum(step.path.endswith("/reject") for step in steps)
    assert 40 <= rejected <= 120


def test_the_same_look_gives_the_same_command() -> None:
    for step in ("new", "picking", "ready", "expired"):
        item = a_pickup(step, of=uuid4())
        assert with_pickup(item, Pace()) == with_pickup(item, Pace())
