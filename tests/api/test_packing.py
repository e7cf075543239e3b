"""The packing table, boxes, labels and manifests over the API."""

import json
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pypdfium2
import pytest
from httpx2 import Response

from oms.db import transaction
from oms.fulfilments import packing, parcels
from tests.api.asking import Api, an_order, error_of, everything, routed
from tests.oms.shop import a_label

STORE = "/v1/stores/S01"
BOX_M = {
    "length_mm": 300,
    "width_mm": 220,
    "height_mm": 210,
    "tare_g": 100,
    "max_weight_g": 5_000,
    "stock": 9,
}


def put(api: Api, path: str, body: Any) -> Response:
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"}
    return api.client.put(path, content=json.dumps(body).encode(), headers=headers)


@pytest.fixture
def part(api: Api) -> UUID:
    """Two mugs and a lamp in hand at Riverside, which has one kind of boxes."""
    assert put(api, f"{STORE}/boxes/BOX-M", BOX_M).json() == {"code": "BOX-M"} | BOX_M
    lines = [
        {"sku": "MUG", "quantity": 2, "unit_price_minor": 1_250},
        {"sku": "LAMP", "quantity": 1, "unit_price_minor": 4_000},
    ]
    placed = api.post("/v1/orders", an_order(lines=lines)).json()
    [made] = routed(placed["order_id"])
    api.post(f"{STORE}/shipments/{made}/start", {"version": 1})
    return made


def do(api: Api, part: UUID, what: str, version: int = 2, **body: Any) -> Any:
    return api.post(f"{STORE}/shipments/{part}/{what}", {"version": version} | body)


def labelled(part: UUID, *numbers: str) -> None:
    with transaction() as session:
        waiting = parcels.to_label(session, part)
        for one, number in zip(waiting, numbers, strict=True):
            packing.attach_label(session, one.parcel.id, a_label(number), actor="carrier:simulated")


def test_scan_into_two_parcels_and_get_labels(api: Api, part: UUID) -> None:
    begun = do(api, part, "packing/begin").json()
    assert begun["proposal"] == "BOX-M: 3 articles, 26 % full"
    assert [parcel["box"] for parcel in begun["parcels"]] == ["BOX-M"]
    scanned = do(api, part, "packing/scan", shown="lamp").json()
    assert (scanned["done"], scanned["units"], scanned["ready"]) == (1, 3, False)
    before = everything()
    for shown, code in (("anvil", "wrong_article"), ("lamp", "all_packed")):
        error = error_of(do(api, part, "packing/scan", shown=shown), 409, code)
        assert error["field"] == "shown"
    assert error_of(do(api, part, "packing/finish"), 422, "invalid")["field"] == "shown"
    assert everything() == before
    own = {"length_mm": 260, "width_mm": 120, "height_mm": 110}
    do(api, part, "packing/parcels", **own)
    for _ in range(2):
        do(api, part, "packing/scan", shown="mug")
    wrapped = do(api, part, "packing/parcels/2/wrap", weight_g=811).json()
    assert (
        wrapped["parcels"][1] | {"articles": []}
        == {
            "number": 2,
            "box": None,
            "weight_g": 811,
            "weighed": True,
            "max_weight_g": None,
            "tracking_number": None,
            "closed": False,
            "full_percent": 70,
            "articles": [],
        }
        | own
    )
    packed = do(api, part, "packing/finish").json()
    assert packed["status"] == "packed"
    assert [(one["box_code"], one["weight_g"]) for one in packed["parcels"]] == [
        ("BOX-M", 2_100),
        (None, 811),
    ]
    assert api.get(f"{STORE}/boxes").json()[0]["stock"] == 8


def test_a_repeated_scan_is_one_scan(api: Api, part: UUID) -> None:
    do(api, part, "packing/begin")
    path, body = f"{STORE}/shipments/{part}/packing/scan", {"version": 2, "shown": "mug"}
    first = api.post(path, body, once="scan-0001").json()
    before = everything()
    assert api.post(path, body, once="scan-0001").json() == first
    assert everything() == before
    do(api, part, "packing/parcels/1/take-out", sku="MUG")
    table = api.get(f"{STORE}/shipments/{part}/packing").json()
    assert (table["done"], [one["units"] for one in table["left"]]) == (0, [1, 2])


def test_what_is_malformed_is_refused_by_field(
    api: Api, part: UUID, subtests: pytest.Subtests
) -> None:
    do(api, part, "packing/begin")
    before = everything()
    for what, body, status, field in (
        ("packing/scan", {"shown": ""}, 422, "shown"),
        ("packing/parcels", {"box": "BOX-M", "length_mm": 10}, 422, "body"),
        ("packing/parcels", {"length_mm": 10}, 422, "body"),
        ("packing/parcels/1/wrap", {"box": "BOX-X"}, 404, "box"),
        ("packing/parcels/1/wrap", {"weight_g": 0}, 422, "weight_g"),
        ("packing/parcels/7/reopen", {}, 404, "parcel"),
        (f"parcels/{uuid4()}/give-back", {"reason": "x"}, 404, "parcel_id"),
        (f"parcels/{uuid4()}/buy-again", {"weight_g": 5}, 422, "body"),
    ):
        with subtests.test(f"{what} {body}"):
            answer = do(api, part, what, **body)
            assert answer.status_code == status, answer.text
            assert answer.json()["error"]["field"] == field
    refused = put(api, f"{STORE}/boxes/BOX-M", BOX_M | {"max_weight_g": 100})
    assert error_of(refused, 422, "invalid")["field"] == "max_weight_g"
    refused = put(api, f"{STORE}/boxes/BOX M", BOX_M)
    assert error_of(refused, 422, "malformed_request")["field"] == "box"
    assert api.delete(f"{STORE}/boxes/BOX-X").status_code == 404
    assert everything() == before


def words_of(answer: Response) -> str:
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(BytesIO(answer.content))
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def test_label_given_back_slip_and_manifest(api: Api, part: UUID) -> None:
    right = {"MUG": 2, "LAMP": 1}
    [parcel] = do(api, part, "pack", picked=right).json()["parcels"]
    assert (parcel["box_code"], parcel["weight_g"]) == ("BOX-M", 2_700)
    labelled(part, "T1")
    path = f"{STORE}/shipments/{part}/parcels/{parcel['id']}"
    bare, priced = (
        words_of(api.get(f"{path}/slip.pdf")),
        words_of(api.get(f"{path}/slip.pdf?prices=true")),
    )
    for told in ("Ada Example", "parcel 1 of 1", "MUG", "3 articles in this parcel"):
        assert told in bare
        assert told in priced
    assert ("USD" in bare, "USD 25.00" in priced, "USD 40.00" in priced) == (False, True, True)

    back = do(api, part, f"parcels/{parcel['id']}/give-back", version=3, reason="torn").json()
    assert [(one["status"], one["void_owed"], one["replaces"]) for one in back["parcels"]] == [
        ("voided", True, None),
        ("packed", False, 1),
    ]
    assert error_of(api.get(f"{path}/slip.pdf"), 409, "conflict")["field"] == "parcel_id"
    again = back["parcels"][1]["id"]
    wanted = do(api, part, f"parcels/{again}/buy-again", version=back["version"]).json()
    assert wanted["parcels"][1]["label_wanted"] is True
    labelled(part, "T2")

    assert api.get(f"{STORE}/manifests").json() == {
        "due": [{"carrier": "simulated", "parcels": 1, "weight_g": 2_700}],
        "manifests": [],
    }
    closed = api.post(f"{STORE}/manifests", {"carrier": "simulated"})
    assert closed.status_code == 201
    manifest = closed.json()
    told = words_of(api.get(f"{STORE}/manifests/{manifest['id']}/list.pdf"))
    for part_of_it in (f"Manifest {manifest['number']} · simulated", "T2", "1 parcel, 2.70 kg"):
        assert part_of_it in told
    [listed] = api.get(f"{STORE}/manifests/{manifest['id']}/parcels").json()
    assert (listed["tracking_number"], listed["handed_over"]) == ("T2", False)
    none = api.post(f"{STORE}/manifests", {"carrier": "simulated"})
    assert error_of(none, 409, "conflict")["field"] == "carrier"
    gone = api.post(f"{STORE}/manifests/{manifest['id']}/hand-over").json()
    assert gone == {"left": [listed["shipment"]], "waiting": []}
    assert api.get(f"{STORE}/shipments/{part}").json()["status"] == "handed_over"


def test_a_label_that_the_driver_takes_is_scanned(api: Api, part: UUID) -> None:
    do(api, part, "pack", picked={"MUG": 2, "LAMP": 1})
    labelled(part, "T1")
    number = api.get(f"{STORE}/shipments/{part}").json()["number"]
    taken = api.post(f"{STORE}/parcels/hand-over", {"shown": "T1"}).json()
    assert taken == {"left": [number], "waiting": []}
    unknown = api.post(f"{STORE}/parcels/hand-over", {"shown": "T9"})
    assert error_of(unknown, 404, "not_found")["field"] == "shown"
