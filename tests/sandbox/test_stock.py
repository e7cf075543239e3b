"""The sample shops' own stock: lowered by sales, kept, shown, and wrong on demand."""

from pathlib import Path

import pytest

from tests.sandbox.running import Sandbox, sandbox

BOOK = Path(__file__).with_name("book.json")
ONLINE, RIVERSIDE = "gid://shopify/Location/100", "gid://shopify/Location/101"


def test_a_sale_lowers_and_a_cancellation_raises(tmp_path: Path) -> None:
    with sandbox(book=BOOK) as shops:
        shops.set_stock("shopify", "S-MUG", 5, place=ONLINE)
        shops.set_stock("shopify", "S-MUG", 3, place=RIVERSIDE)
        sent = shops.place("shopify", lines=[{"sku": "S-MUG", "quantity": 2}])
        assert shops.stock("shopify", "S-MUG") == {ONLINE: 3, RIVERSIDE: 3}
        shops.place(
            "shopify",
            lines=[{"sku": "S-MUG", "quantity": 1}],
            delivery="pickup",
            store="S01",
        )
        assert shops.stock("shopify", "S-MUG") == {ONLINE: 3, RIVERSIDE: 2}
        for _ in range(2):  # the second time there is nothing left to put back
            shops.http.delete(f"/control/orders/shopify/{sent.id}").raise_for_status()
        assert shops.stock("shopify", "S-MUG") == {ONLINE: 5, RIVERSIDE: 2}


def test_a_shop_never_shows_less_than_none() -> None:
    with sandbox(book=BOOK) as shops:
        shops.set_stock("woocommerce", "MUG", 1)
        shops.place("woocommerce", lines=[{"sku": "MUG", "quantity": 2}])
        assert shops.stock("woocommerce", "MUG") == {"": 0}


def test_figures_survive_a_restart(tmp_path: Path) -> None:
    with sandbox(book=BOOK, data_dir=tmp_path) as shops:
        shops.set_stock("reference", "LAMP", 7, place="S02")
        shops.set_stock("reference", "LAMP", 6, place="S02")
    with sandbox(book=BOOK, data_dir=tmp_path) as shops:
        assert shops.stock("reference", "LAMP") == {"S02": 6}


def test_the_page_shows_every_article_in_every_shop() -> None:
    with sandbox(book=BOOK) as shops:
        shops.set_stock("shopify", "S-MUG", 41, place=RIVERSIDE)
        shops.set_stock("woocommerce", "ONLY-HERE", 0)
        page = shops.http.get("/stock").text
        assert "Riverside: 41" in page
        assert "S-MUG" in page
        assert "ONLY-HERE" in page
        assert "not told yet" in page
        assert '<a href="/stock">' in shops.http.get("/").text


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"channel": "etsy", "sku": "MUG", "quantity": 1}, 404),
        ({"channel": "shopify", "sku": "MUG", "quantity": 1, "place": "Nowhere"}, 404),
        ({"channel": "shopify", "sku": "MUG", "quantity": -1, "place": ONLINE}, 422),
        ({"channel": "woocommerce", "sku": "", "quantity": 1}, 422),
    ],
)
def test_a_figure_that_makes_no_sense_is_refused(
    shops: Sandbox, wanted: dict[str, object], status: int
) -> None:
    assert shops.http.put("/control/stock", json=wanted).status_code == status
    assert shops.http.get("/control/stock").json() == []


def test_a_fault_on_stock_leaves_orders_alone(shops: Sandbox) -> None:
    shops.fault("woocommerce", "fail", on="stock")
    order = shops.place("woocommerce")
    path = f"/woocommerce/wp-json/wc/v3/orders/{order.id}"
    key = ("ck_sandbox", "cs_sandbox")
    assert shops.http.get(path, auth=key).status_code == 200
    products = "/woocommerce/wp-json/wc/v3/products?sku=MUG"
    assert shops.http.get(products, auth=key).status_code == 500
    assert shops.http.get(products, auth=key).status_code == 200


@pytest.fixture(scope="module")
def shops():  # type: ignore[no-untyped-def]
    with sandbox(book=BOOK) as running:
        yield running
