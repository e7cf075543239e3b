"""The handle on the sandbox, and the page that a newcomer looks at."""

from collections.abc import Iterator

import pytest

from tests.sandbox.running import Sandbox, sandbox


@pytest.fixture(scope="module")
def shops() -> Iterator[Sandbox]:
    with sandbox() as running:
        yield running


@pytest.mark.parametrize(
    ("wanted", "status", "said"),
    [
        ({"channel": "etsy", "lines": [{"sku": "A"}]}, 404, "there is no shop 'etsy' here"),
        ({"channel": "shopify", "lines": []}, 422, "lines"),
        ({"channel": "shopify", "lines": [{"sku": "A", "quantity": 0}]}, 422, "quantity"),
        ({"channel": "shopify", "lines": [{"sku": "A"}], "delivry": "ship"}, 422, "delivry"),
        (
            {"channel": "shopify", "lines": [{"sku": "A"}], "delivery": "pickup"},
            422,
            "a pickup order needs a store",
        ),
    ],
)
def test_an_order_that_cannot_be_placed_says_why(
    shops: Sandbox, wanted: dict[str, object], status: int, said: str
) -> None:
    before = len(shops.http.get("/control/orders").json())
    answer = shops.http.post("/control/orders", json=wanted)
    assert answer.status_code == status
    assert said in answer.text
    assert len(shops.http.get("/control/orders").json()) == before


def test_a_change_beyond_what_was_ordered_is_refused(shops: Sandbox) -> None:
    order = shops.place("shopify")
    line = order.lines[0].id
    url = f"/control/orders/shopify/{order.id}"
    assert shops.http.patch(url, json={"lines": {line: 3}}).status_code == 422
    assert shops.http.patch(url, json={"lines": {"1": 1}}).status_code == 404
    assert shops.http.patch(url + "0", json={}).status_code == 404
    shops.http.delete(url).raise_for_status()
    assert shops.http.patch(url, json={"paid": True}).status_code == 409


def test_a_web_page_elsewhere_cannot_take_the_handle(shops: Sandbox) -> None:
    answer = shops.http.put(
        "/control/faults",
        json={"channel": "shopify", "mode": "fail"},
        headers={"Origin": "https://elsewhere.example.com"},
    )
    assert answer.status_code == 403
    assert shops.http.get("/control/faults").json() == {}


def test_a_fault_can_be_switched_off_again(shops: Sandbox) -> None:
    shops.fault("shopify", "fail", times=5)
    assert shops.http.get("/control/faults").json()["shopify"]["times"] == 5
    shops.http.delete("/control/faults/shopify").raise_for_status()
    assert shops.http.get("/control/faults").json() == {}
    unknown = {"channel": "etsy", "mode": "fail"}
    assert shops.http.put("/control/faults", json=unknown).status_code == 404


def test_the_page_shows_every_shop_and_escapes_what_customers_write(shops: Sandbox) -> None:
    customer = {"name": "<script>alert(1)</script>", "email": "x@example.com", "phone": "1"}
    order = shops.place("reference", customer=customer, delivery="pickup", store="S<b>1")
    answer = shops.http.get("/")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    for code in ("shopify", "woocommerce", "reference"):
        assert code in answer.text
    assert order.number in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text
    assert "S<b>1" not in answer.text


def test_the_shops_want_their_credentials(shops: Sandbox) -> None:
    order = shops.place("woocommerce")
    rest = f"/woocommerce/wp-json/wc/v3/orders/{order.id}"
    assert shops.http.get(rest).status_code == 401
    assert shops.http.get(rest, auth=("ck_sandbox", "wrong")).status_code == 401
    assert shops.http.get(rest, headers={b"Authorization": b"Basic \xff"}).status_code == 401
    graphql = "/shopify/admin/api/2026-07/graphql.json"
    assert shops.http.post(graphql, json={"query": "{ order }"}).status_code == 401
    token = {"X-Shopify-Access-Token": "sandbox-token"}
    elsewhere = "/shopify/admin/api/v9/graphql.json"
    assert shops.http.post(elsewhere, json={}, headers=token).status_code == 404
    unknown = shops.http.post(graphql, json={"query": "{ shop { name } }"}, headers=token)
    assert "does not know 'shop'" in unknown.text
    assert shops.http.post(graphql, content=b"{", headers=token).status_code == 400
    assert shops.http.post("/reference/webhooks", content=b"{}").status_code == 401
