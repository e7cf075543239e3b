"""Ship from store over the API: pick, pack, label, hand to the carrier."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from oms.db import transaction
from oms.fulfilments import packing
from oms.fulfilments import queries as fulfilments
from tests.api.asking import Api, an_order, error_of, everything, routed, stored
from tests.oms.shop import a_label

HERE = "/v1/stores/S01/shipments"
BOX = {"weight_g": 900, "length_mm": 200, "width_mm": 150, "height_mm": 100}
MUGS = {"sku": "MUG", "quantity": 1, "unit_price_minor": 1_250}


@pytest.fixture
def part(api: Api) -> UUID:
    """Two mugs and a lamp to be sent from Riverside."""
    lines = [
        {"sku": "MUG", "quantity": 2, "unit_price_minor": 1_250},
        {"sku": "LAMP", "quantity": 1, "unit_price_minor": 4_000},
    ]
    placed = api.post("/v1/orders", an_order(lines=lines)).json()
    [made] = routed(placed["order_id"])
    return made


def do(api: Api, part: UUID, what: str, version: int, **body: Any) -> Any:
    return api.post(f"{HERE}/{part}/{what}", {"version": version} | body)


def labelled(part: UUID) -> None:
    with transaction() as session:
        for parcel in fulfilments.parcels(session, part):
            label = a_label(f"T{parcel.number}")
            packing.attach_label(session, parcel.id, label, actor="carrier:simulated")


def test_from_the_queue_to_the_carrier(api: Api, part: UUID) -> None:
    [new] = api.get(HERE).json()
    assert (new["fulfilment_id"], new["status"], new["version"]) == (str(part), "allocated", 1)
    assert {line["sku"]: line["quantity"] for line in new["lines"]} == {"MUG": 2, "LAMP": 1}
    assert do(api, part, "start", 1).json()["status"] == "picking"
    boxes = [BOX | {"contents": {"MUG": 2}}, BOX | {"contents": {"LAMP": 1}}]
    packed = do(api, part, "pack", 2, picked={"MUG": 2, "LAMP": 1}, boxes=boxes).json()
    assert (packed["status"], packed["version"]) == ("packed", 3)
    assert [parcel["status"] for parcel in packed["parcels"]] == ["packed", "packed"]
    before = everything()
    error = error_of(do(api, part, "hand-over", 3), 409, "conflict")
    assert (error["field"], "no label yet" in error["message"]) == ("parcels", True)
    assert everything() == before
    labelled(part)
    shown = api.get(f"{HERE}/{part}").json()
    assert [parcel["tracking_number"] for parcel in shown["parcels"]] == ["T1", "T2"]
    handed = do(api, part, "hand-over", 3)
    assert (handed.status_code, handed.json()["status"]) == (200, "handed_over")
    assert api.get(HERE).json() == []
    with transaction() as session:
        order_id = fulfilments.locked(session, part).order_id
    assert stored(str(order_id)).status.value == "shipped"


def test_a_label_is_printed_in_either_format(api: Api, part: UUID) -> None:
    do(api, part, "start", 1)
    parcel = do(api, part, "pack", 2, picked={"MUG": 2, "LAMP": 1}).json()["parcels"][0]["id"]
    path = f"{HERE}/{part}/parcels/{parcel}/label"
    assert error_of(api.get(f"{path}.pdf"), 404, "not_found")["field"] == "format"
    labelled(part)
    pdf, zpl = api.get(f"{path}.pdf"), api.get(f"{path}.zpl")
    assert (pdf.content, pdf.headers["content-type"]) == (b"%PDF", "application/pdf")
    assert zpl.content == b"^XA^XZ"
    assert pdf.headers["content-disposition"].endswith('-1.pdf"')
    assert error_of(api.get(f"{path}.png"), 422, "malformed_request")["field"] == "kind"
    foreign = f"{HERE}/{part}/parcels/{uuid4()}/label.pdf"
    assert error_of(api.get(foreign), 404, "not_found")["field"] == "parcel_id"


def test_repeating_a_command_is_harmless_and_an_older_state_is_refused(
    api: Api, part: UUID
) -> None:
    path = f"{HERE}/{part}/start"
    first = api.post(path, {"version": 1}, once="key-00000001")
    before = everything()
    assert api.post(path, {"version": 1}, once="key-00000001").json() == first.json()
    error = error_of(do(api, part, "pack", 1, picked={"MUG": 2}), 409, "stale_version")
    assert (error["field"], error["facts"]) == ("version", {"version": 2})
    assert everything() == before


def test_what_is_not_exactly_right_is_refused_by_field(
    api: Api, part: UUID, subtests: pytest.Subtests
) -> None:
    do(api, part, "start", 1)
    before = everything()
    right = {"MUG": 2, "LAMP": 1}
    for what, body, status, code, field in (
        ("pack", {"picked": {"MUG": 2}}, 422, "invalid", "picked"),
        ("pack", {"picked": right | {"VASE": 1}}, 422, "invalid", "picked"),
        ("pack", {"picked": right, "boxes": [BOX, BOX]}, 422, "invalid", "boxes[1].contents"),
        (
            "pack",
            {"picked": right, "boxes": [BOX | {"contents": {"MUG": 2}}]},
            422,
            "invalid",
            "boxes",
        ),
        (
            "pack",
            {"picked": right, "boxes": [BOX | {"weight_g": 0}]},
            422,
            "malformed_request",
            "boxes.0.weight_g",
        ),
        ("pack", {"picked": right, "boxes": [BOX] * 51}, 422, "malformed_request", "boxes"),
        ("hand-over", {}, 409, "illegal_move", "status"),
        ("reject", {"reason": "not_found", "skus": ["VASE"]}, 404, "not_found", "skus"),
        ("reject", {"reason": "not_found", "note": "a\x00b"}, 422, "malformed_request", "note"),
    ):
        with subtests.test(f"{what} {body}"):
            assert error_of(do(api, part, what, 2, **body), status, code)["field"] == field
    assert everything() == before


def test_a_rejected_shipment_goes_elsewhere(api: Api, part: UUID) -> None:
    answer = do(api, part, "reject", 1, reason="damaged", skus=["LAMP"], note="dropped")
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert api.get(HERE).json() == []
    with transaction() as session:
        order_id = fulfilments.locked(session, part).order_id
    routed(str(order_id))
    assert len(api.get("/v1/stores/S02/shipments").json()) == 1
    rows = api.get("/v1/availability?sku=LAMP").json()
    here = next(row for row in rows if row["location"] == "S01")
    assert (here["on_hand"], here["promisable"]) == (5, 4)  # the damaged one is set apart


def test_another_location_s_shipment_is_not_found(api: Api, part: UUID) -> None:
    for path in (f"/v1/stores/S02/shipments/{part}", f"{HERE}/{uuid4()}"):
        assert error_of(api.get(path), 404, "not_found")["field"] == "fulfilment_id"
    answer = api.post(f"/v1/stores/S02/shipments/{part}/start", {"version": 1})
    assert error_of(answer, 404, "not_found")["field"] == "fulfilment_id"


def sent_by_own_van(api: Api, part: UUID) -> Any:
    """Packed with a typed number, labelled as the manual carrier does, and gone."""
    do(api, part, "start", 1)
    box = BOX | {"tracking_number": "VAN-7"}
    do(api, part, "pack", 2, picked={"MUG": 2, "LAMP": 1}, boxes=[box])
    with transaction() as session:
        [parcel] = fulfilments.parcels(session, part)
        assert parcel.tracking_number == "VAN-7"
        label = replace(a_label("VAN-7"), carrier="manual")
        packing.attach_label(session, parcel.id, label, actor="carrier:manual")
    [parcel_out] = do(api, part, "hand-over", 3).json()["parcels"]
    assert (parcel_out["carrier"], parcel_out["tracking_number"]) == ("manual", "VAN-7")
    return parcel_out["id"]


def test_staff_say_how_their_own_delivery_went(api: Api, part: UUID) -> None:
    path = f"{HERE}/{part}/parcels/{sent_by_own_van(api, part)}/report"
    failed = api.post(path, {"news": "delivery_failed", "note": "nobody there"}).json()
    assert (failed["status"], failed["parcels"][0]["status"]) == ("handed_over", "delivery_failed")
    delivered = api.post(path, {"news": "delivered"}).json()
    assert (delivered["status"], delivered["parcels"][0]["status"]) == ("delivered", "delivered")


def test_only_parcels_that_left_without_a_scanning_carrier_are_reported(
    api: Api, part: UUID
) -> None:
    do(api, part, "start", 1)
    [parcel] = do(api, part, "pack", 2, picked={"MUG": 2, "LAMP": 1}, boxes=[BOX]).json()["parcels"]
    path = f"{HERE}/{part}/parcels/{parcel['id']}/report"
    error = error_of(api.post(path, {"news": "delivered"}), 409, "conflict")
    assert "no carrier yet" in error["message"]
    labelled(part)
    do(api, part, "hand-over", 3)
    before = everything()
    error = error_of(api.post(path, {"news": "delivered"}), 409, "conflict")
    assert (error["field"], "followed by simulated" in error["message"]) == ("parcel_id", True)
    error = error_of(api.post(path, {"news": "eaten"}), 422, "malformed_request")
    assert error["field"] == "news"
    stray = f"{HERE}/{part}/parcels/{uuid4()}/report"
    assert error_of(api.post(stray, {"news": "lost"}), 404, "not_found")["field"] == "parcel_id"
    assert everything() == before


def test_a_tracking_number_is_typed_for_one_parcel_only(api: Api, part: UUID) -> None:
    sent_by_own_van(api, part)
    placed = api.post("/v1/orders", an_order(lines=[MUGS])).json()
    [other] = routed(placed["order_id"])
    do(api, other, "start", 1)
    before = everything()
    box = BOX | {"tracking_number": "VAN-7"}
    error = error_of(do(api, other, "pack", 2, picked={"MUG": 1}, boxes=[box]), 409, "conflict")
    assert error["field"] == "boxes[0].tracking_number"
    box["tracking_number"] = "VAN 8"
    refused = do(api, other, "pack", 2, picked={"MUG": 1}, boxes=[box])
    assert error_of(refused, 422, "malformed_request")["field"] == "boxes.0.tracking_number"
    assert everything() == before
