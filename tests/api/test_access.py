"""Who may do what: keys with scopes, people by cookie with a CSRF token, nothing by default."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.app import create_app
from oms import clock
from oms.access import enrolling, signing_in
from oms.access.models import Scope, ServiceKey, SignIn
from oms.db import transaction
from tests.api.asking import ADDRESS, Api, an_order, error_of, everything
from tests.oms.shop import Shop

ANY = str(uuid4())
GOODS = {"sku": "MUG", "location": "S01", "units": 1}
SENT = {"from_location": "S02", "expected_at": "2026-12-01T15:00:00Z"}
TRANSFER = SENT | {"to_location": "S01"}
SUPPLY = {"document": "PO-1", "sku": "MUG", "units": 1, "expected_at": "2030-03-01T00:00:00Z"}
BASKET = {
    "channel": "till",
    "currency": "USD",
    "lines": [{"sku": "MUG", "quantity": 1}],
    "destination": {"country": "US", "postcode": "10002"},
}
WORDING = {"language": "nl", "kind": "shipped"}
TEXTS = {"subject": "{{ order }}", "text": "{{ link }}", "sms": "{{ shop }}"}
# Every door of the API, the scope it asks for, and a body that its schema lets by.
DOORS: list[tuple[str, str, Scope, Any]] = [
    ("POST", "/v1/orders", Scope.ORDERS_WRITE, an_order()),
    ("GET", f"/v1/orders/{ANY}", Scope.ORDERS_READ, None),
    ("GET", f"/v1/orders/{ANY}/decisions", Scope.ORDERS_READ, None),
    ("POST", f"/v1/orders/{ANY}/cancel", Scope.ORDERS_WRITE, {"reason": "test"}),
    ("POST", f"/v1/orders/{ANY}/holds", Scope.ORDERS_WRITE, {"kind": "fraud", "reason": "x"}),
    ("DELETE", f"/v1/orders/{ANY}/holds/fraud", Scope.ORDERS_WRITE, None),
    ("POST", f"/v1/orders/{ANY}/reroute", Scope.ORDERS_WRITE, None),
    ("POST", f"/v1/orders/{ANY}/release-now", Scope.ORDERS_WRITE, None),
    ("GET", f"/v1/orders/{ANY}/why", Scope.ORDERS_READ, None),
    ("GET", f"/v1/orders/{ANY}/notices", Scope.ORDERS_READ, None),
    ("GET", f"/v1/orders/{ANY}/notice-preferences", Scope.ORDERS_READ, None),
    (
        "PUT",
        f"/v1/orders/{ANY}/notice-preferences",
        Scope.ORDERS_WRITE,
        {"medium": "sms", "unwanted": ["shipped"]},
    ),
    ("POST", f"/v1/notices/sendings/{ANY}/send-again", Scope.OPERATIONS, None),
    ("GET", "/v1/notice-templates", Scope.OPERATIONS, None),
    ("POST", "/v1/notice-templates", Scope.OPERATIONS, WORDING | {"texts": TEXTS}),
    ("POST", "/v1/notice-templates/preview", Scope.OPERATIONS, WORDING),
    ("POST", "/v1/notice-templates/withdraw", Scope.OPERATIONS, WORDING),
    ("POST", f"/v1/orders/{ANY}/customer-link", Scope.ORDERS_WRITE, None),
    ("GET", f"/v1/track/{ANY}", Scope.ORDERS_READ, None),
    ("GET", f"/v1/track/{ANY}/offers", Scope.ORDERS_READ, None),
    ("POST", f"/v1/track/{ANY}/store", Scope.ORDERS_WRITE, {"version": 1, "store": "S02"}),
    (
        "POST",
        f"/v1/track/{ANY}/deliver",
        Scope.ORDERS_WRITE,
        {"version": 1, "arrives_on": "2030-01-01", "address": ADDRESS},
    ),
    (
        "POST",
        f"/v1/track/{ANY}/cancel",
        Scope.ORDERS_WRITE,
        {"version": 1, "lines": [{"line_id": ANY, "units": 1}]},
    ),
    ("POST", f"/v1/track/{ANY}/collectors", Scope.ORDERS_WRITE, {"name": "Bo"}),
    ("DELETE", f"/v1/track/{ANY}/collectors/{ANY}", Scope.ORDERS_WRITE, None),
    ("POST", f"/v1/track/{ANY}/arrived", Scope.ORDERS_WRITE, {"verdict": "well"}),
    ("GET", "/v1/routing/acceptance", Scope.ORDERS_READ, None),
    (
        "POST",
        "/v1/routing/acceptance",
        Scope.OPERATIONS,
        {"location": "S01", "probability": 0.5, "reason": "test"},
    ),
    (
        "POST",
        "/v1/routing/acceptance/clear",
        Scope.OPERATIONS,
        {"location": "S01", "because": "test"},
    ),
    ("GET", "/v1/routing/policies", Scope.OPERATIONS, None),
    ("GET", "/v1/routing/policies/current", Scope.OPERATIONS, None),
    ("GET", "/v1/routing/policies/1", Scope.OPERATIONS, None),
    ("GET", "/v1/routing/policies/1/differences/2", Scope.OPERATIONS, None),
    (
        "POST",
        "/v1/routing/policies",
        Scope.OPERATIONS,
        {"policy": {"name": "x"}, "not_replayed_because": "a trial"},
    ),
    ("GET", "/v1/availability?sku=MUG", Scope.STOCK_READ, None),
    ("GET", "/v1/promise?sku=MUG&postcode=10002", Scope.STOCK_READ, None),
    (
        "POST",
        "/v1/stock/receipts",
        Scope.STOCK_WRITE,
        {"sku": "MUG", "location": "S01", "units": 1},
    ),
    ("POST", "/v1/stock/counts", Scope.STOCK_WRITE, GOODS),
    ("GET", "/v1/availability/MUG/explanation", Scope.STOCK_READ, None),
    ("POST", "/v1/stock/set-apart", Scope.STOCK_WRITE, GOODS | {"reason": "test"}),
    ("POST", "/v1/stock/restorations", Scope.STOCK_WRITE, GOODS | {"reason": "test"}),
    ("POST", "/v1/stock/write-offs", Scope.STOCK_WRITE, GOODS | {"reason": "test"}),
    ("GET", "/v1/stock/rules", Scope.STOCK_READ, None),
    ("POST", "/v1/stock/rules", Scope.STOCK_WRITE, {"kind": "safety", "units": 1}),
    ("POST", f"/v1/stock/rules/{ANY}/end", Scope.STOCK_WRITE, {"because": "test"}),
    ("POST", "/v1/products/MUG/release", Scope.STOCK_WRITE, {"releases_at": None}),
    ("POST", "/v1/stock/adjustments", Scope.STOCK_WRITE, GOODS | {"reason": "found"}),
    ("GET", "/v1/stock/movements?sku=MUG&location=S01", Scope.STOCK_READ, None),
    ("GET", "/v1/feeds/local-inventory", Scope.STOCK_READ, None),
    ("GET", "/v1/feeds/products", Scope.STOCK_READ, None),
    ("POST", "/v1/imports?kind=stock&file_name=a.csv", Scope.OPERATIONS, None),
    ("GET", "/v1/imports", Scope.OPERATIONS, None),
    ("GET", f"/v1/imports/{ANY}", Scope.OPERATIONS, None),
    ("GET", f"/v1/imports/{ANY}/errors", Scope.OPERATIONS, None),
    ("GET", "/v1/supplies", Scope.STOCK_READ, None),
    ("POST", "/v1/supplies", Scope.STOCK_WRITE, SUPPLY | {"location": "S01"}),
    (
        "POST",
        "/v1/supplies/transfers",
        Scope.STOCK_WRITE,
        SUPPLY | {"from_location": "S01", "to_location": "S02"},
    ),
    ("POST", f"/v1/supplies/{ANY}/receipts", Scope.STOCK_WRITE, {"units": 1}),
    ("POST", f"/v1/supplies/{ANY}/close", Scope.STOCK_WRITE, None),
    ("POST", "/v1/holds", Scope.ORDERS_WRITE, BASKET),
    ("GET", f"/v1/holds/{ANY}", Scope.ORDERS_READ, None),
    ("POST", f"/v1/holds/{ANY}/extend", Scope.ORDERS_WRITE, {}),
    ("POST", f"/v1/holds/{ANY}/release", Scope.ORDERS_WRITE, None),
    ("GET", "/v1/stores/S01/counts-wanted", Scope.STORE_WORK, None),
    ("GET", "/v1/stores/S01/pickups", Scope.STORE_WORK, None),
    ("GET", f"/v1/stores/S01/pickups/{ANY}", Scope.STORE_WORK, None),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/start", Scope.STORE_WORK, {"version": 1}),
    (
        "POST",
        f"/v1/stores/S01/pickups/{ANY}/ready",
        Scope.STORE_WORK,
        {"version": 1, "picked": {}, "shelf": "A1"},
    ),
    (
        "POST",
        f"/v1/stores/S01/pickups/{ANY}/hand-over",
        Scope.STORE_WORK,
        {"version": 1, "proof": "code", "value": "1"},
    ),
    (
        "POST",
        f"/v1/stores/S01/pickups/{ANY}/reject",
        Scope.STORE_WORK,
        {"version": 1, "reason": "closed"},
    ),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/undo", Scope.STORE_WORK, {"version": 1}),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/decline", Scope.STORE_WORK, {"version": 1}),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/put-back", Scope.STORE_WORK, {"version": 1}),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/take-over", Scope.STORE_WORK, {"version": 1}),
    ("GET", "/v1/stores/S01/waves", Scope.STORE_WORK, None),
    ("POST", "/v1/stores/S01/waves", Scope.STORE_WORK, {"most": 1}),
    ("GET", f"/v1/stores/S01/waves/{ANY}", Scope.STORE_WORK, None),
    ("POST", f"/v1/stores/S01/waves/{ANY}/scan", Scope.STORE_WORK, {"code": "mug"}),
    (
        "POST",
        f"/v1/stores/S01/waves/{ANY}/take-out",
        Scope.STORE_WORK,
        {"pickup_id": ANY, "sku": "MUG"},
    ),
    ("GET", f"/v1/stores/S01/pickups/{ANY}/ways-out?sku=MUG", Scope.STORE_WORK, None),
    (
        "POST",
        f"/v1/stores/S01/pickups/{ANY}/short",
        Scope.STORE_WORK,
        {"version": 1, "sku": "MUG", "units": 1, "reason": "damaged", "way": "cancel"},
    ),
    ("GET", f"/v1/stores/S01/pickups/{ANY}/packages", Scope.STORE_WORK, None),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/packages", Scope.STORE_WORK, {"version": 1}),
    (
        "POST",
        f"/v1/stores/S01/pickups/{ANY}/packages/1/shelf",
        Scope.STORE_WORK,
        {"version": 1, "shelf": "A1"},
    ),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/packages/1/unpack", Scope.STORE_WORK, {"version": 1}),
    ("GET", f"/v1/stores/S01/pickups/{ANY}/labels", Scope.STORE_WORK, None),
    ("GET", "/v1/stores/S01/staging", Scope.STORE_WORK, None),
    ("PUT", "/v1/stores/S01/staging", Scope.OPERATIONS, {"shelves": {"A1": "ambient"}}),
    ("GET", "/v1/stores/S01/bins/MUG", Scope.STORE_WORK, None),
    ("PUT", "/v1/stores/S01/bins/MUG", Scope.STORE_WORK, {"bins": [{"bin": "1"}]}),
    ("GET", "/v1/stores/S01/curbside", Scope.STORE_WORK, None),
    ("PUT", "/v1/stores/S01/curbside", Scope.STORE_MANAGE, {"bays": ["1"]}),
    ("GET", "/v1/stores/S01/overview", Scope.STORE_MANAGE, None),
    ("GET", "/v1/stores/S01/pauses", Scope.STORE_MANAGE, None),
    (
        "POST",
        "/v1/stores/S01/pauses",
        Scope.STORE_MANAGE,
        {"work": "pickup", "because": "the till is down"},
    ),
    ("POST", "/v1/stores/S01/pauses/pickup/end", Scope.STORE_MANAGE, {}),
    ("GET", "/v1/stores/S01/hours", Scope.STORE_MANAGE, None),
    (
        "PUT",
        "/v1/stores/S01/hours",
        Scope.STORE_MANAGE,
        {"week": {"mon": [{"opens": "08:00", "closes": "20:00"}]}},
    ),
    ("PUT", "/v1/stores/S01/closures/2026-12-25", Scope.STORE_MANAGE, {"reason": "holiday"}),
    ("DELETE", "/v1/stores/S01/closures/2026-12-25", Scope.STORE_MANAGE, None),
    ("GET", "/v1/stores/S01/people", Scope.STORE_MANAGE, None),
    (
        "POST",
        "/v1/stores/S01/people",
        Scope.STORE_MANAGE,
        {"badge": "17", "name": "Ana Silva", "pin": "90210"},
    ),
    ("POST", "/v1/stores/S01/people/17/deactivate", Scope.STORE_MANAGE, {}),
    ("POST", "/v1/stores/S01/people/17/reactivate", Scope.STORE_MANAGE, {}),
    ("POST", "/v1/stores/S01/people/17/pin", Scope.STORE_MANAGE, {"pin": "90210"}),
    ("GET", "/v1/stores/S01/devices", Scope.STORE_MANAGE, None),
    ("POST", "/v1/stores/S01/devices", Scope.STORE_MANAGE, {"name": "Tablet"}),
    ("POST", f"/v1/stores/S01/devices/{ANY}/revoke", Scope.STORE_MANAGE, {}),
    ("GET", "/v1/stores/S01/arrivals", Scope.STORE_WORK, None),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/arrival/here", Scope.STORE_WORK, {}),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/arrival/take", Scope.STORE_WORK, {"version": 1}),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/arrival/let-go", Scope.STORE_WORK, {"version": 1}),
    ("POST", f"/v1/stores/S01/pickups/{ANY}/arrival/gone", Scope.STORE_WORK, {"version": 1}),
    ("GET", "/v1/stores/S01/slots", Scope.ORDERS_READ, None),
    ("GET", f"/v1/orders/{ANY}/slot", Scope.ORDERS_READ, None),
    ("PUT", f"/v1/orders/{ANY}/slot", Scope.ORDERS_WRITE, {"starts_at": "2026-12-01T15:00:00Z"}),
    ("DELETE", f"/v1/orders/{ANY}/slot", Scope.ORDERS_WRITE, None),
    ("GET", f"/v1/collect/{ANY}", Scope.ORDERS_READ, None),
    ("POST", f"/v1/collect/{ANY}/on-my-way", Scope.ORDERS_WRITE, {"minutes": 5}),
    ("POST", f"/v1/collect/{ANY}/here", Scope.ORDERS_WRITE, {}),
    ("GET", "/v1/transfers", Scope.STOCK_READ, None),
    ("GET", f"/v1/transfers/{ANY}", Scope.STOCK_READ, None),
    ("POST", "/v1/transfers", Scope.STOCK_WRITE, TRANSFER | {"lines": {"MUG": 1}}),
    ("POST", f"/v1/transfers/for-order/{ANY}", Scope.STOCK_WRITE, SENT),
    (
        "POST",
        f"/v1/transfers/{ANY}/pick",
        Scope.STOCK_WRITE,
        {"version": 1, "picked": {"MUG": 1}},
    ),
    ("POST", f"/v1/transfers/{ANY}/ship", Scope.STOCK_WRITE, {"version": 1}),
    (
        "POST",
        f"/v1/transfers/{ANY}/receive",
        Scope.STOCK_WRITE,
        {"version": 1, "counted": {"MUG": {"units": 1}}},
    ),
    ("POST", f"/v1/transfers/{ANY}/cancel", Scope.STOCK_WRITE, {"version": 1}),
    ("GET", f"/v1/orders/{ANY}/payments", Scope.PAYMENTS_READ, None),
    (
        "POST",
        f"/v1/orders/{ANY}/payments",
        Scope.PAYMENTS_WRITE,
        {"tender": "cash", "amount_minor": 100},
    ),
    (
        "POST",
        f"/v1/orders/{ANY}/refunds",
        Scope.PAYMENTS_WRITE,
        {"reason": "late", "goodwill_minor": 100},
    ),
    ("POST", f"/v1/repayments/{ANY}/pay", Scope.PAYMENTS_WRITE, {"reference": "T1"}),
    (
        "POST",
        "/v1/credits",
        Scope.PAYMENTS_WRITE,
        {"kind": "gift_card", "currency": "USD", "amount_minor": 1},
    ),
    (
        "POST",
        f"/v1/orders/{ANY}/card-payments",
        Scope.PAYMENTS_WRITE,
        {"payment_intent": "pi_1"},
    ),
    ("POST", "/v1/credits/look", Scope.PAYMENTS_WRITE, {"code": "0000-0000-0000-0000"}),
    ("POST", f"/v1/credits/{ANY}/new-code", Scope.PAYMENTS_WRITE, None),
    (
        "POST",
        f"/v1/orders/{ANY}/credit-payments",
        Scope.PAYMENTS_WRITE,
        {"code": "0000-0000-0000-0000", "amount_minor": 1},
    ),
    ("GET", "/v1/payments/settlement?day=2026-03-01", Scope.PAYMENTS_READ, None),
    ("GET", "/v1/payments/settlement.csv?day=2026-03-01", Scope.PAYMENTS_READ, None),
    ("GET", "/v1/payments/reconciliation", Scope.PAYMENTS_READ, None),
    ("GET", f"/v1/returns?order_id={ANY}", Scope.RETURNS_READ, None),
    ("GET", f"/v1/returns/{ANY}", Scope.RETURNS_READ, None),
    (
        "POST",
        "/v1/returns",
        Scope.RETURNS_WRITE,
        {"order_id": ANY, "way": "mail", "lines": [{"line_id": ANY, "units": 1}]},
    ),
    ("POST", f"/v1/returns/{ANY}/authorise", Scope.OPERATIONS, {"reason": "an old customer"}),
    ("POST", f"/v1/returns/{ANY}/refuse", Scope.OPERATIONS, {"reason": "worn"}),
    ("POST", f"/v1/returns/{ANY}/cancel", Scope.RETURNS_WRITE, None),
    (
        "POST",
        f"/v1/returns/{ANY}/sent",
        Scope.RETURNS_WRITE,
        {"carrier": "UPS", "tracking_number": "1Z"},
    ),
    (
        "POST",
        f"/v1/returns/{ANY}/receipts",
        Scope.RETURNS_WRITE,
        {"location": "S01", "goods": [{"sku": "MUG", "units": 1}]},
    ),
    (
        "POST",
        f"/v1/returns/{ANY}/goods/{ANY}/inspect",
        Scope.RETURNS_WRITE,
        {"condition": "as_new"},
    ),
    (
        "POST",
        f"/v1/returns/{ANY}/goods/{ANY}/dispose",
        Scope.RETURNS_WRITE,
        {"disposition": "sellable"},
    ),
    (
        "POST",
        f"/v1/returns/{ANY}/exchange",
        Scope.RETURNS_WRITE,
        {"lines": [{"sku": "MUG", "units": 1}]},
    ),
    ("GET", f"/v1/returns/{ANY}/label", Scope.RETURNS_READ, None),
    ("POST", f"/v1/orders/{ANY}/return-link", Scope.RETURNS_WRITE, None),
    ("GET", "/v1/return-rules", Scope.RETURNS_READ, None),
    ("POST", "/v1/return-rules", Scope.OPERATIONS, {"rules": {}, "note": "as before"}),
    ("GET", "/v1/stores/S01/shipments", Scope.STORE_WORK, None),
    ("GET", f"/v1/stores/S01/shipments/{ANY}", Scope.STORE_WORK, None),
    ("POST", f"/v1/stores/S01/shipments/{ANY}/start", Scope.STORE_WORK, {"version": 1}),
    (
        "POST",
        f"/v1/stores/S01/shipments/{ANY}/pack",
        Scope.STORE_WORK,
        {"version": 1, "picked": {}},
    ),
    ("POST", f"/v1/stores/S01/shipments/{ANY}/hand-over", Scope.STORE_WORK, {"version": 1}),
    (
        "POST",
        f"/v1/stores/S01/shipments/{ANY}/reject",
        Scope.STORE_WORK,
        {"version": 1, "reason": "closed"},
    ),
    ("GET", f"/v1/stores/S01/shipments/{ANY}/parcels/{ANY}/label.pdf", Scope.STORE_WORK, None),
    ("GET", f"/v1/stores/S01/shipments/{ANY}/parcels/{ANY}/slip.pdf", Scope.STORE_WORK, None),
    *(
        ("POST", f"/v1/stores/S01/shipments/{ANY}/{path}", Scope.STORE_WORK, {"version": 1} | more)
        for path, more in (
            ("packing/begin", {}),
            ("packing/scan", {"shown": "mug"}),
            ("packing/parcels", {}),
            ("packing/parcels/1/wrap", {}),
            ("packing/parcels/1/take-out", {"sku": "MUG"}),
            ("packing/parcels/1/reopen", {}),
            ("packing/parcels/1/remove", {}),
            ("packing/finish", {}),
            (f"parcels/{ANY}/give-back", {"reason": "test"}),
            (f"parcels/{ANY}/buy-again", {}),
        )
    ),
    ("GET", f"/v1/stores/S01/shipments/{ANY}/packing", Scope.STORE_WORK, None),
    ("GET", "/v1/stores/S01/boxes", Scope.STORE_WORK, None),
    (
        "PUT",
        "/v1/stores/S01/boxes/BOX-S",
        Scope.STORE_WORK,
        {"length_mm": 1, "width_mm": 1, "height_mm": 1, "tare_g": 0, "max_weight_g": 1},
    ),
    ("DELETE", "/v1/stores/S01/boxes/BOX-S", Scope.STORE_WORK, None),
    ("GET", "/v1/stores/S01/manifests", Scope.STORE_WORK, None),
    ("POST", "/v1/stores/S01/manifests", Scope.STORE_WORK, {"carrier": "simulated"}),
    ("GET", f"/v1/stores/S01/manifests/{ANY}/parcels", Scope.STORE_WORK, None),
    ("GET", f"/v1/stores/S01/manifests/{ANY}/list.pdf", Scope.STORE_WORK, None),
    ("GET", f"/v1/stores/S01/manifests/{ANY}/carrier-form.pdf", Scope.STORE_WORK, None),
    ("POST", f"/v1/stores/S01/manifests/{ANY}/hand-over", Scope.STORE_WORK, None),
    ("POST", "/v1/stores/S01/parcels/hand-over", Scope.STORE_WORK, {"shown": "T1"}),
    (
        "POST",
        f"/v1/stores/S01/shipments/{ANY}/parcels/{ANY}/report",
        Scope.STORE_WORK,
        {"news": "delivered"},
    ),
    ("GET", "/v1/exceptions", Scope.OPERATIONS, None),
    ("POST", f"/v1/exceptions/{ANY}/resolve", Scope.OPERATIONS, {"resolution": "done"}),
    ("POST", f"/v1/messages/{ANY}/replay", Scope.OPERATIONS, None),
    ("POST", f"/v1/writebacks/{ANY}/retry", Scope.OPERATIONS, None),
]


def ask(client: TestClient, method: str, path: str, body: Any = None, **headers: str) -> Any:
    given = {"Idempotency-Key": str(uuid4())} | headers
    return client.request(method, path, json=body, headers=given)


def test_the_list_of_doors_here_leaves_none_out() -> None:
    def pattern(path: str) -> str:
        bare = path.partition("?")[0].replace(ANY, "{}").replace("S01", "{}")
        bare = bare.replace("availability/MUG", "availability/{}").replace("ts/MUG", "ts/{}")
        bare = bare.replace("bins/MUG", "bins/{}").replace("packages/1", "packages/{}")
        bare = bare.replace("policies/1", "policies/{}").replace("differences/2", "differences/{}")
        bare = bare.replace("parcels/1/", "parcels/{}/").replace("boxes/BOX-S", "boxes/{}")
        bare = bare.replace("people/17", "people/{}").replace("pauses/pickup", "pauses/{}")
        bare = bare.replace("2026-12-25", "{}")
        return bare.replace("holds/fraud", "holds/{}").replace("label.pdf", "label.{}")

    def shape(path: str) -> str:
        return "/".join(
            "{}" if part.startswith("{") else part.replace("{kind}", "{}")
            for part in path.split("/")
        )

    real = {
        (method.upper(), shape(path))
        for path, methods in create_app().openapi()["paths"].items()
        if path.startswith("/v1/") and "webhooks" not in path
        for method in methods
    }
    assert {(method, pattern(path)) for method, path, _, _ in DOORS} == real


def test_nothing_is_open_to_strangers(client: TestClient, shop: Shop) -> None:
    before = everything()
    for method, path, _, body in DOORS:
        error = error_of(ask(client, method, path, body), 401, "unauthenticated")
        assert error["field"] == "Authorization", path
        answer = ask(client, method, path, body, Authorization="Bearer oms_live_guess")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert error_of(answer, 401, "unauthenticated")["field"] == "Authorization"
    assert everything() == before


def test_each_door_asks_for_its_own_scope_and_names_it(client: TestClient, shop: Shop) -> None:
    with transaction() as session:
        keys = {
            scope: enrolling.issue_key(
                session, name=f"all but {scope.value}", scopes=set(Scope) - {scope}
            )
            for scope in Scope
        }
    before = everything()
    for method, path, scope, body in DOORS:
        answer = ask(client, method, path, body, Authorization=f"Bearer {keys[scope]}")
        error = error_of(answer, 403, "forbidden")
        assert error["facts"] == {"scope": scope.value}, path
        assert error["field"] == "Authorization"
    assert everything() == before


def test_a_key_with_the_one_scope_gets_past_its_door(client: TestClient, shop: Shop) -> None:
    with transaction() as session:
        keys = {
            scope: enrolling.issue_key(session, name=scope.value, scopes=[scope]) for scope in Scope
        }
    for method, path, scope, body in DOORS:
        answer = ask(client, method, path, body, Authorization=f"Bearer {keys[scope]}")
        if "file_name=" in path:  # past the door, where its file is missing
            assert error_of(answer, 422, "invalid")["field"] == "file"
        else:
            assert answer.status_code not in (401, 403, 405, 422, 500), (path, answer.text)


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_a_key_that_has_ended_is_refused(api: Api, how: str) -> None:
    with transaction() as session:
        key = session.exec(select(ServiceKey)).one()
        if how == "expired":
            key.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        else:
            key.revoked_at = datetime.now(UTC)
    before = everything()
    error = error_of(api.post("/v1/orders", an_order()), 401, "unauthenticated")
    assert error["field"] == "Authorization"
    assert everything() == before


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "oms_live_x", "", "bearer  "])
def test_another_scheme_is_refused_in_words(api: Api, header: str) -> None:
    answer = api.client.get("/v1/exceptions", headers={"Authorization": header})
    error = error_of(answer, 401, "unauthenticated")
    assert (error["field"], "oms_live_" in error["remedy"]) == ("Authorization", True)


@pytest.fixture
def olga(shop: Shop) -> tuple[str, str]:
    """An operator's cookie and CSRF token."""
    with transaction() as session:
        enrolling.add_operator(session, login="olga", password="correct horse")
        cookie = signing_in.operator(session, login="olga", password="correct horse")
        assert isinstance(cookie, str)
        session.flush()
        csrf = signing_in.by_cookie(session, cookie).csrf
    assert csrf is not None
    return cookie, csrf


def test_a_cookie_reads_but_changes_nothing_without_its_token(
    client: TestClient, olga: tuple[str, str]
) -> None:
    cookie, csrf = olga
    given = {"Cookie": f"tributary_session={cookie}"}
    assert ask(client, "GET", "/v1/exceptions", **given).status_code == 200
    before = everything()
    for token in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": csrf + "x"}):
        answer = ask(client, "POST", "/v1/orders", an_order(), **given, **token)
        assert error_of(answer, 403, "forbidden")["field"] == "X-CSRF-Token"
    assert everything() == before
    answer = ask(client, "POST", "/v1/orders", an_order(), **given, **{"X-CSRF-Token": csrf})
    assert answer.status_code == 201


def test_a_session_that_has_ended_is_refused(client: TestClient, olga: tuple[str, str]) -> None:
    given = {"Cookie": f"tributary_session={olga[0]}"}
    with clock.at(clock.now() + timedelta(hours=12)):
        error = error_of(ask(client, "GET", "/v1/exceptions", **given), 401, "unauthenticated")
        assert error["field"] == "session"
    with transaction() as session:
        signing_in.sign_out(session, olga[0])
    assert error_of(ask(client, "GET", "/v1/exceptions", **given), 401, "unauthenticated")
    with transaction() as session:
        assert session.exec(select(SignIn)).all() == []


def test_an_operator_may_not_do_store_work_or_move_stock(
    client: TestClient, olga: tuple[str, str]
) -> None:
    given = {"Cookie": f"tributary_session={olga[0]}", "X-CSRF-Token": olga[1]}
    goods = {"sku": "MUG", "location": "S01", "units": 1}
    before = everything()
    for method, path, body in (
        ("GET", "/v1/stores/S01/pickups", None),
        ("POST", "/v1/stock/receipts", goods),
    ):
        error_of(ask(client, method, path, body, **given), 403, "forbidden")
    assert everything() == before


def test_who_did_it_is_in_the_trail_with_the_request(client: TestClient, api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.key}", "X-Request-Id": "req-0000-0001"}
    answer = ask(client, "POST", "/v1/orders", an_order(), **headers)
    assert answer.headers["X-Request-Id"] == "req-0000-0001"
    [captured] = [row for row in everything()["audit"] if "order.captured" in row]
    assert "service:everything" in captured
    assert "req-0000-0001" in captured
