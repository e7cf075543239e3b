"""Operations' pages: the list, one order with its reasons, exceptions, the pulse."""

from uuid import UUID, uuid4

import httpx2
import pytest
from sqlmodel import select

from oms.channels import writebacks
from oms.channels.models import MessageStatus, Writeback, WritebackKind
from oms.db import transaction
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind, OpenException
from oms.fulfilments import giving_back
from oms.fulfilments.models import Rejection, RejectReason
from oms.ids import new_id
from oms.orders.models import HoldKind, Order, OrderStatus
from oms.orders.new_order import NewHold
from oms.sourcing import routing_orders
from tests.builders import a_message, an_order
from tests.web import shop
from tests.web.conftest import Site

FULL = {"HX-Request": "false"}


def the_order(order_id: UUID) -> Order:
    with transaction() as unit:
        return unit.get_one(Order, order_id)


def send(client: httpx2.Client, path: str, **form: object) -> httpx2.Response:
    return client.post(path, data=form, headers={"Idempotency-Key": str(uuid4())})


def a_case(kind: ExceptionKind, cause_type: str, cause_id: UUID) -> UUID:
    with transaction() as unit:
        open_case(
            unit,
            kind=kind,
            cause_type=cause_type,
            cause_id=cause_id,
            detail="shopify order #9: not in the catalogue: NO-SUCH",
            remedy="add the product, then replay the order",
        )
    with transaction() as unit:
        return unit.exec(select(OpenException.id).where(OpenException.cause_id == cause_id)).one()


def a_parked_message(body: bytes) -> UUID:
    with transaction() as unit:
        outcome = "not in the catalogue: NO-SUCH"
        return a_message(unit, body=body, status=MessageStatus.PARKED, outcome=outcome).id


def test_orders_are_filtered_found_and_paged(site: Site) -> None:
    with transaction() as unit:
        for number in range(52):
            an_order(unit, {"MUG": 1}, external_id=f"A{number}", channel="shopify")
    held = shop.order(
        {"MUG": 1},
        external_id="H1",
        channel="woocommerce",
        holds=[NewHold(HoldKind.FRAUD, "three cards tried")],
    )
    with site.in_operations() as olga:
        first = olga.get("/operations").text
        assert "#A51" in first
        assert "#A2<" not in first
        older = next(part for part in first.split('"') if "older_than" in part)
        second = olga.get(older.replace("&amp;", "&")).text
        assert "#A2<" in second
        assert "#A51" not in second
        assert "every 5s" not in second  # a page of old orders stands still
        assert str(held) in olga.get("/operations?status=held").text
        assert "#A51" not in olga.get("/operations?status=held").text
        assert str(held) in olga.get("/operations?channel=woocommerce").text
        for search in ("H1", "#H1", str(the_order(held).number)):
            found = olga.get("/operations", params={"search": search}).text
            assert found.count("/operations/orders/") == 1
            assert str(held) in found
        by_mail = olga.get("/operations", params={"search": "ADA@example.com"}).text
        assert by_mail.count("/operations/orders/") == 50
        assert "No order fits" in olga.get("/operations?search=nobody").text


def test_an_order_tells_why_this_location(site: Site) -> None:
    order_id = shop.order({"MUG": 1, "RUG": 1})
    with site.in_operations() as olga:
        page = olga.get(f"/operations/orders/{order_id}").text
    assert "Why this location" in page
    assert "ships both lines for 9.60 USD: packing 1.90, picking 1.20, postage 6.50." in page
    for words in ("Chosen", "Next best", "USD 9.60", "could have served", "optimal"):
        assert words in page
    assert f"/namespaces/default/workflows/order%3A{order_id}" in page
    assert "Order taken in" in page
    assert "Locations chosen" in page


def test_what_would_have_changed_it_comes_after_the_page(site: Site) -> None:
    fulfilment_id = shop.a_shipment({"LAMP": 1})
    order_id = shop.fulfilment(fulfilment_id).order_id
    path = f"/operations/orders/{order_id}"
    with site.in_operations() as olga:
        assert f'hx-get="{path}/supposed"' in olga.get(path).text
        first = olga.get(f"{path}/supposed").text
        assert "Store S02 would ship if packing there cost 0.01 less" in first
        assert "Different from the decision before" not in first
        with transaction() as unit:
            giving_back.reject(
                unit, fulfilment_id, reason=RejectReason.DAMAGED, actor="associate:S01:7"
            )
        routing_orders.route(order_id, actor="test")
        second = olga.get(f"{path}/supposed").text
        assert "Store S01 would ship if it were not excluded" in second
        assert "Store S02 instead of Store S01." in second
        unknown = olga.get(f"/operations/orders/{uuid4()}/supposed")
        assert (unknown.status_code, "never routed" in unknown.text) == (404, True)


def test_an_order_that_was_given_back_says_so_and_is_asked_again(site: Site) -> None:
    fulfilment_id = shop.a_shipment({"LAMP": 1})
    order_id = shop.fulfilment(fulfilment_id).order_id
    with transaction() as unit:
        giving_back.reject(
            unit, fulfilment_id, reason=RejectReason.TOO_BUSY, actor="associate:S01:7"
        )
    path = f"/operations/orders/{order_id}"
    with site.in_operations() as olga:
        page = olga.get(path).text
        assert "too busy" in page
        assert "Ana Silva" in page
        assert "1 refusals are forgotten" in send(olga, f"{path}/reroute").text
    with transaction() as unit:
        assert unit.exec(select(Rejection.forgotten_at)).one() is not None


def test_holds_are_placed_and_released(site: Site) -> None:
    order_id = shop.order({"MUG": 1}, holds=[NewHold(HoldKind.PAYMENT, "not paid")])
    path = f"/operations/orders/{order_id}"
    with site.in_operations() as olga:
        assert "not paid" in olga.get(path).text
        assert "Released." in send(olga, f"{path}/release", kind="payment").text
        gone = send(olga, f"{path}/release", kind="payment")
        assert (gone.status_code, gone.headers["hx-retarget"]) == (404, "#notice")
        silent = send(olga, f"{path}/holds", kind="manual", reason=" ")
        assert silent.status_code == 422
        assert 'data-field="reason"' in silent.text
        assert "On hold." in send(olga, f"{path}/holds", kind="manual", reason="call her").text
    assert the_order(order_id).status is OrderStatus.HELD


def test_an_order_is_cancelled_once_and_on_what_was_seen(site: Site) -> None:
    order_id = shop.order({"MUG": 1})
    path = f"/operations/orders/{order_id}"
    version = the_order(order_id).version
    with site.in_operations() as olga:
        old = send(olga, f"{path}/cancel", version=version - 1, reason="changed her mind")
        assert old.status_code == 409
        assert the_order(order_id).version == version
        assert send(olga, f"{path}/cancel", version=version, reason="").status_code == 422
        done = send(olga, f"{path}/cancel", version=version, reason="changed her mind")
        assert "Cancelled. Stock is free again" in done.text
        assert "changed her mind" in olga.get(path).text
    assert the_order(order_id).status is OrderStatus.CANCELLED


def test_an_exception_shows_the_message_as_it_came(site: Site) -> None:
    message_id = a_parked_message('{"name": "#9", "note": "<b>Grüße</b>"}'.encode())
    a_case(ExceptionKind.UNKNOWN_SKU, "message", message_id)
    with site.in_operations() as olga:
        page = olga.get("/operations/exceptions", headers=FULL).text
        assert "Unknown article" in page
        assert "add the product, then replay the order" in page
        body = olga.get(f"/operations/exceptions/messages/{message_id}").text
    assert "&#34;note&#34;: &#34;&lt;b&gt;Grüße&lt;/b&gt;&#34;" in body


@pytest.mark.parametrize("body", [b"\xff\xfenot json", b"", b"[" * 50_000])
def test_a_message_that_is_no_json_is_shown_all_the_same(site: Site, body: bytes) -> None:
    message_id = a_parked_message(body)
    a_case(ExceptionKind.MALFORMED_ORDER, "message", message_id)
    with site.in_operations() as olga:
        shown = olga.get(f"/operations/exceptions/messages/{message_id}")
    assert shown.status_code == 200
    assert '<pre class="payload"' in shown.text


def test_replaying_too_early_says_what_is_still_wrong(site: Site) -> None:
    message_id = a_parked_message(b"{}")
    a_case(ExceptionKind.MALFORMED_ORDER, "message", message_id)
    with site.in_operations() as olga:
        answer = send(olga, f"/operations/exceptions/messages/{message_id}/replay")
    assert "It still does not fit" in answer.text
    assert 'data-mood="bad"' in answer.text


def test_a_case_is_resolved_with_a_word_and_once(site: Site) -> None:
    case_id = a_case(ExceptionKind.PARCEL_LOST, "parcel", new_id())
    path = f"/operations/exceptions/{case_id}/resolve"
    with site.in_operations() as olga:
        assert send(olga, path, resolution="  ").status_code == 422
        done = send(olga, path, resolution="sent anew")
        assert "Resolved." in done.text
        assert "Nothing waits for a person." in done.text
        assert send(olga, path, resolution="sent anew").status_code == 409
    with transaction() as unit:
        row = unit.get_one(OpenException, case_id)
    assert (row.resolution, row.resolved_by) == ("sent anew", "operator:olga")


def test_a_dead_writeback_is_tried_again(site: Site) -> None:
    order_id = shop.order({"MUG": 1}, channel="shopify")
    with transaction() as unit:
        writeback_id = writebacks.owe(
            unit, order_id=order_id, kind=WritebackKind.CANCELLED, subject_id=order_id
        )
        assert writeback_id is not None
        writebacks.give_up(unit, writeback_id, error="401 the token was revoked")
    with site.in_operations() as olga:
        assert "401 the token was revoked" in olga.get(f"/operations/orders/{order_id}").text
        assert "Tell the channel again" in olga.get("/operations/exceptions").text
        done = send(olga, f"/operations/exceptions/writebacks/{writeback_id}/retry")
        assert "The channel is told again." in done.text
        assert "Nothing waits for a person." in done.text
    with transaction() as unit:
        assert unit.get_one(Writeback, writeback_id).status.value == "owed"


def test_the_pulse_counts_what_waits(site: Site) -> None:
    a_case(ExceptionKind.PARCEL_LOST, "parcel", new_id())
    with site.in_operations() as olga:
        page = olga.get("/operations/health").text
    assert '<span class="count">1</span> open exceptions' in page
    assert '<span class="count">0</span> messages not applied yet' in page


def test_acceptance_is_shown_overridden_and_taken_back(site: Site) -> None:
    fulfilment_id = shop.a_shipment({"LAMP": 1})
    with transaction() as unit:
        giving_back.reject(
            unit, fulfilment_id, reason=RejectReason.TOO_BUSY, actor="associate:S01:7"
        )
    with site.in_operations() as olga:
        page = olga.get("/operations/acceptance", headers=FULL).text
        assert "0.0 done, 1.0 given back" in page
        form = {"location": "S02", "percent": "40", "reason": "stocktaking", "days": "2"}
        said = send(olga, "/operations/acceptance/override", **form)
        assert "S02 is reckoned with at 40 %." in said.text
        assert "stocktaking" in said.text
        silent = send(olga, "/operations/acceptance/override", **(form | {"reason": ""}))
        assert (silent.status_code, 'data-field="reason"' in silent.text) == (422, True)
        gone = send(olga, "/operations/acceptance/clear", location="S02")
        assert "At S02 what was learned counts again." in gone.text
        assert "stocktaking" not in gone.text
