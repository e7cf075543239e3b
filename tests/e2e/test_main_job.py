"""From a signed webhook to the tracking written back, and to a hand-over at the counter."""

from typing import Any

from tests.e2e.system import System


def book(system: System) -> Any:
    import json

    return json.loads((system.folder / "data" / "shop-book.json").read_text())


def order_id(system: System, channel: str, external_id: str) -> str:
    found = system.wait(
        lambda: system.ask(
            "SELECT id FROM orders WHERE channel = %s AND external_id = %s", channel, external_id
        )
    )
    return str(found[0][0])


def test_a_shopify_order_is_shipped_and_its_tracking_accepted_once(system: System) -> None:
    sku = book(system)["skus"][0]
    placed = system.shop(
        "POST",
        "/orders",
        {
            "channel": "shopify",
            "lines": [{"sku": sku["channel_skus"].get("shopify", sku["sku"]), "quantity": 1}],
            "copies": 3,
        },
    )["order"]
    mine = order_id(system, "shopify", placed["id"])
    # The shop takes the tracking and then lets the line drop: nobody knows that it was accepted.
    system.shop(
        "PUT", "/faults", {"channel": "shopify", "mode": "timeout_after_success", "times": 1}
    )
    [(fulfilment, code)] = system.wait(
        lambda: system.ask(
            "SELECT f.id, l.code FROM fulfilments f JOIN locations l ON l.id = f.location_id"
            " WHERE f.order_id = %s",
            mine,
        )
    )
    path = f"/v1/stores/{code}/shipments/{fulfilment}"
    shipment = system.call("GET", path)
    shipment = system.call("POST", f"{path}/start", {"version": shipment["version"]})
    picked = {line["sku"]: line["quantity"] for line in shipment["lines"]}
    shipment = system.call(
        "POST", f"{path}/pack", {"version": shipment["version"], "picked": picked}
    )
    tracking = system.wait(lambda: system.call("GET", path)["parcels"][0]["tracking_number"])
    shipment = system.call("GET", path)
    system.call("POST", f"{path}/hand-over", {"version": shipment["version"]})

    def told() -> list[Any]:
        seen = system.shop("GET", f"/orders/shopify/{placed['id']}")["received"]
        return [one for one in seen if one["kind"] == "shipped"]

    system.wait(told, within_s=90)
    system.wait(
        lambda: system.ask(
            "SELECT 1 FROM writebacks WHERE order_id = %s AND status = 'accepted'", mine
        ),
        within_s=90,
    )
    assert [one["tracking_number"] for one in told()] == [tracking]
    system.wait(
        lambda: system.call("GET", f"/v1/orders/{mine}")["status"] == "fulfilled", within_s=120
    )
    assert system.ask("SELECT count(*) FROM orders WHERE external_id = %s", placed["id"]) == [(1,)]
    [decision] = system.call("GET", f"/v1/orders/{mine}/decisions")
    assert decision["plan"]["parcels"][0]["location"] == code
    assert system.broken() == []


def test_a_woocommerce_pickup_is_handed_over_at_the_counter(system: System) -> None:
    store = book(system)["stores"][0]
    [(sku, _)] = system.ask(
        "SELECT b.sku, b.on_hand FROM stock_balances b JOIN locations l ON l.id = b.location_id"
        " WHERE l.code = %s AND b.on_hand - b.reserved - b.safety > 2 ORDER BY b.sku LIMIT 1",
        store["code"],
    )
    listed = next(one for one in book(system)["skus"] if one["sku"] == sku)
    placed = system.shop(
        "POST",
        "/orders",
        {
            "channel": "woocommerce",
            "delivery": "pickup",
            "store": store["code"],
            "lines": [{"sku": listed["channel_skus"].get("woocommerce", sku), "quantity": 2}],
        },
    )["order"]
    mine = order_id(system, "woocommerce", placed["id"])
    queue = f"/v1/stores/{store['code']}/pickups"
    waiting = system.wait(
        lambda: [
            one
            for one in system.call("GET", queue)
            if one["order_number"].endswith(placed["number"])
        ]
    )[0]
    path = f"{queue}/{waiting['pickup_id']}"
    waiting = system.call("POST", f"{path}/start", {"version": waiting["version"]})
    waiting = system.call(
        "POST",
        f"{path}/ready",
        {"version": waiting["version"], "picked": {sku: 2}, "shelf": "B 4"},
    )
    [(code,)] = system.ask("SELECT code FROM pickups WHERE id = %s", waiting["pickup_id"])
    done = system.call(
        "POST",
        f"{path}/hand-over",
        {"version": waiting["version"], "proof": "code", "value": code},
    )
    assert done["step"] == "handing_over"
    system.wait(lambda: system.call("GET", f"/v1/orders/{mine}")["status"] == "fulfilled")
    system.wait(
        lambda: (
            {
                one["kind"]
                for one in system.shop("GET", f"/orders/woocommerce/{placed['id']}")["received"]
            }
            & {"collected", "completed"}
        )
    )
    assert system.broken() == []
