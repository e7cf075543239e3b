"""What the pages of a store send and get back, without a browser."""

from uuid import UUID, uuid4

import httpx2
import pytest

from oms.fulfilments.models import FulfilmentStatus, RejectReason
from oms.pickup.models import PickupStatus, Proof
from tests.web import shop
from tests.web.conftest import Site

DONE = {"MUG": 2, "LAMP": 1}
PICKED = {"sku": ["MUG", "LAMP"], "units": ["2", "1"]}


def send(
    client: httpx2.Client, path: str, *, key: str | None = None, **form: object
) -> httpx2.Response:
    return client.post(path, data=form, headers={"Idempotency-Key": key or str(uuid4())})


def step(pickup_id: UUID) -> tuple[PickupStatus, int]:
    now = shop.pickup(pickup_id)
    return now.status, now.version


def test_the_same_tap_sent_twice_is_carried_out_once(site: Site) -> None:
    pickup_id = shop.a_pickup()
    path = f"/store/pickups/{pickup_id}"
    with site.at_store() as ana:
        first = send(ana, f"{path}/start", key="one-and-the-same", version=1)
        again = send(ana, f"{path}/start", key="one-and-the-same", version=1)
        assert (first.status_code, again.status_code) == (200, 200)
        assert step(pickup_id) == (PickupStatus.PREPARING, 2)
        other = send(ana, f"{path}/start", key="one-and-the-same", version=2)
    assert other.status_code == 409
    assert "send a new key for a new request" in other.text


def test_a_command_without_a_key_is_refused(site: Site) -> None:
    pickup_id = shop.a_pickup()
    with site.at_store() as ana:
        refused = ana.post(f"/store/pickups/{pickup_id}/start", data={"version": 1})
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.text
    assert step(pickup_id) == (PickupStatus.PREPARING, 1)


def test_the_second_associate_is_told_and_shown_the_present_state(site: Site) -> None:
    pickup_id = shop.a_pickup()
    path = f"/store/pickups/{pickup_id}"
    with site.at_store(badge="7") as ana, site.at_store(badge="8") as ben:
        assert send(ana, f"{path}/start", version=1).status_code == 200
        late = send(ben, f"{path}/start", version=1)
        assert late.status_code == 409
        assert late.headers["hx-retarget"] == "#notice"
        assert late.headers["hx-trigger"] == "refresh"
        assert "somebody else has changed this meanwhile" in late.text
        present = ben.get(f"{path}/card?version=1")
        assert "Ana Silva has begun to pick this" in present.text
        assert ben.get(f"{path}/card?version=2").status_code == 204
    assert step(pickup_id) == (PickupStatus.PREPARING, 2)


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"sku": ["MUG", "LAMP"], "units": ["2", "0"], "shelf": "B2"}, "picked", "LAMP: 0 of 1"),
        ({"sku": ["MUG"], "units": ["2"], "shelf": "B2"}, "picked", "LAMP: 0 of 1"),
        ({**PICKED, "shelf": "  "}, "shelf", "no shelf given"),
        ({"sku": ["MUG", "LAMP"], "units": ["2"], "shelf": "B2"}, "units", "incomplete"),
        ({"sku": ["MUG", "LAMP"], "units": ["two", "1"], "shelf": "B2"}, "0", "valid integer"),
        ({**PICKED, "shelf": "B2", "colour": "red"}, "colour", "not permitted"),
    ],
)
def test_what_is_not_complete_does_not_become_ready(
    site: Site, form: dict[str, object], field: str, words: str
) -> None:
    pickup_id = shop.a_pickup(DONE)
    with site.at_store() as ana:
        send(ana, f"/store/pickups/{pickup_id}/start", version=1)
        refused = send(ana, f"/store/pickups/{pickup_id}/ready", version=2, **form)
    assert refused.status_code == 422
    assert f'data-field="{field}"' in refused.text
    assert words in refused.text
    assert step(pickup_id) == (PickupStatus.PREPARING, 2)


def test_a_wrong_code_counts_down_and_locks(site: Site) -> None:
    pickup_id = shop.a_ready_pickup()
    waiting = shop.pickup(pickup_id)
    wrong = "000000" if waiting.code != "000000" else "111111"
    path = f"/store/pickups/{pickup_id}/hand-over"
    with site.at_store() as ana:
        for left in (4, 3, 2, 1):
            answer = send(ana, path, version=waiting.version, value=wrong)
            assert answer.status_code == 403
            assert f"this code is wrong; {left} attempts left" in answer.text
        locked = send(ana, path, version=waiting.version, value=wrong)
        assert "locked for five minutes" in locked.text
        assert "Locked until" in locked.text
        right = send(ana, path, version=waiting.version, value=waiting.code)
    assert right.status_code == 423
    assert shop.pickup(pickup_id).status is PickupStatus.READY


@pytest.mark.parametrize("way", ["code", "qr", "identity"])
def test_three_ways_of_proof_hand_over(site: Site, way: str) -> None:
    pickup_id = shop.a_ready_pickup()
    waiting = shop.pickup(pickup_id)
    shown = {
        "code": {"value": f"{waiting.code[:3]} {waiting.code[3:]}"},
        "qr": {"value": waiting.qr_token},
        "identity": {"document": "passport", "collected_by": "Bea Example"},
    }[way]
    with site.at_store() as ana:
        done = send(ana, f"/store/pickups/{pickup_id}/hand-over", version=waiting.version, **shown)
        assert done.status_code == 200
        assert "Handed over." in done.text
        assert str(pickup_id) not in ana.get("/store/queue").text
    now = shop.pickup(pickup_id)
    assert (now.status, now.proof, now.handed_over_by) == (
        PickupStatus.HANDING_OVER,
        Proof(way),
        "associate:S01:7",
    )
    assert now.collected_by == shown.get("collected_by")
    assert now.device_id is not None


def test_a_documents_number_is_refused(site: Site) -> None:
    pickup_id = shop.a_ready_pickup()
    version = shop.pickup(pickup_id).version
    with site.at_store() as ana:
        refused = send(
            ana,
            f"/store/pickups/{pickup_id}/hand-over",
            version=version,
            document="passport C01X00T47",
        )
    assert refused.status_code == 422
    assert "not its number" in refused.text
    assert step(pickup_id) == (PickupStatus.READY, version)


def test_not_found_must_name_the_articles(site: Site) -> None:
    pickup_id = shop.a_pickup(DONE)
    path = f"/store/pickups/{pickup_id}/reject"
    with site.at_store() as ana:
        refused = send(ana, path, version=1, reason=RejectReason.NOT_FOUND)
        assert refused.status_code == 422
        assert "which article is not found?" in refused.text
        assert step(pickup_id) == (PickupStatus.PREPARING, 1)
        done = send(ana, path, version=1, reason=RejectReason.NOT_FOUND, sku=["LAMP"])
        assert done.status_code == 200
    assert shop.pickup(pickup_id).status is PickupStatus.CANCELLED


def test_what_nobody_came_for_is_put_back(site: Site) -> None:
    pickup_id = shop.an_expired_pickup()
    version = shop.pickup(pickup_id).version
    with site.at_store() as ana:
        assert "put it back" in ana.get("/store/queue").text
        path = f"/store/pickups/{pickup_id}"
        card = ana.get(f"{path}/card?putting_back=true").text
        assert "Take each article back" in card
        part = {"sku": ["MUG", "LAMP"], "units": ["2", "0"]}
        refused = send(ana, f"{path}/put-back", version=version, **part)
        assert (refused.status_code, "LAMP: 0 of 1" in refused.text) == (422, True)
        assert shop.pickup(pickup_id).status is PickupStatus.EXPIRED
        done = send(ana, f"{path}/put-back", version=version, **PICKED)
        assert "Back on the shelf, and on sale again." in done.text
        assert str(pickup_id) not in ana.get("/store/queue").text
    assert shop.pickup(pickup_id).status is PickupStatus.PUT_BACK


def test_anything_that_is_scanned_finds_its_pickup(site: Site) -> None:
    first, second = shop.a_ready_pickup({"RUG": 1}), shop.a_pickup({"LAMP": 1})
    number = shop.number_of(second)
    with site.at_store() as ana:
        for shown, found in (
            (shop.pickup(first).qr_token, first),
            (number, second),
            (number.removeprefix("#"), second),
            ("lamp", second),
        ):
            answer = ana.post("/store/find", data={"shown": f" {shown} "})
            assert answer.headers["hx-redirect"] == f"/store/pickups/{found}"
        third = shop.a_pickup({"MUG": 1, "LAMP": 1})
        several = ana.post("/store/find", data={"shown": "lamp"}).text
        assert f"/store/pickups/{second}" in several
        assert f"/store/pickups/{third}" in several
        upc = ana.post("/store/find", data={"shown": "012345678905"})  # without the leading zero
        assert upc.headers["hx-redirect"] == f"/store/pickups/{third}"
        assert "Nothing here fits" in ana.post("/store/find", data={"shown": "no such"}).text
        assert "Nothing was scanned" in ana.post("/store/find", data={"shown": " "}).text


def test_a_shipment_goes_from_the_list_to_the_carrier(site: Site) -> None:
    fulfilment_id = shop.a_shipment(DONE)
    place = shop.place_of(fulfilment_id)
    path = f"/store/shipments/{fulfilment_id}"
    box = {"length_mm": 300, "width_mm": 200, "height_mm": 150}
    with site.at_store(place) as ana:
        assert str(fulfilment_id) in ana.get("/store/shipments/list").text
        picking = send(ana, f"{path}/start", version=1)
        assert 'name="weight_g" value="2520"' in picking.text
        light = send(ana, f"{path}/pack", version=2, weight_g=0, **box, **PICKED)
        assert light.status_code == 422
        assert 'data-field="weight_g"' in light.text
        packed = send(ana, f"{path}/pack", version=2, weight_g=2600, **box, **PICKED)
        assert "The label is being bought" in packed.text
        early = send(ana, f"{path}/hand-over", version=3)
        assert "has no label yet" in early.text

        shop.buy_labels(fulfilment_id)
        assert ana.get(f"{path}/card?shown=3.labelled").status_code == 204
        labelled = ana.get(f"{path}/card?shown=3.packed").text
        for kind, content in (("pdf", b"%PDF-1.7 label"), ("zpl", b"^XA^XZ")):
            link = next(part for part in labelled.split('"') if part.endswith(f"label.{kind}"))
            label = ana.get(link)
            assert label.content == content
            assert label.headers["content-disposition"].startswith("attachment")
        given = send(ana, f"{path}/hand-over", version=3)
        assert "The carrier has it." in given.text
        assert str(fulfilment_id) not in ana.get("/store/shipments/list").text
    assert shop.fulfilment(fulfilment_id).status is FulfilmentStatus.HANDED_OVER


def test_a_warehouse_has_shipments_only(site: Site) -> None:
    with site.at_store("W01") as ana:
        page = ana.get("/store", headers={"HX-Request": "false"})
        assert page.headers["location"] == "/store/shipments"
        listed = ana.get("/store/shipments").text
    assert "Nothing to ship. New work appears here by itself." in listed
    assert ">Pickups</a>" not in listed


def test_a_pickup_that_is_promised_earlier_stands_first(site: Site) -> None:
    later = shop.a_pickup({"MUG": 1})
    waiting = shop.a_ready_pickup({"MUG": 1})
    page = ""
    with site.at_store() as ana:
        page = ana.get("/store/queue").text
    columns = [page.index(f'id="{name}"') for name in ("new", "picking", "ready", "expired")]
    assert columns == sorted(columns)
    assert columns[0] < page.index(f"/store/pickups/{later}") < columns[1]
    assert columns[2] < page.index(f"/store/pickups/{waiting}") < columns[3]
