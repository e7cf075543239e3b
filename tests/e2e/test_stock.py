"""Stock flows in the demo: what one shop sells falls in all, and a wrong figure is mended."""

import json
from typing import Any

from tests.e2e.system import System

SHOPS = ("shopify", "woocommerce", "reference")


def article(system: System) -> dict[str, str]:
    """The SKU of the first article of the book, as we and as each shop call it."""
    first = json.loads((system.folder / "data" / "shop-book.json").read_text())["skus"][0]
    return {"own": first["sku"]} | {
        shop: first["channel_skus"].get(shop, first["sku"]) for shop in SHOPS
    }


def figures(system: System, shop: str, sku: str) -> dict[str, int]:
    found = system.shop("GET", f"/stock?channel={shop}&sku={sku}")
    return {one["place"]: one["quantity"] for one in found}


def shown(system: System, names: dict[str, str]) -> dict[str, int]:
    """What each shop shows its customers."""
    return {shop: sum(figures(system, shop, names[shop]).values()) for shop in SHOPS}


def sellable(system: System, sku: str) -> int:
    [(units,)] = system.ask(
        "SELECT sum(greatest(on_hand - reserved - safety, 0)) FROM stock_balances WHERE sku = %s",
        sku,
    )
    return int(units)


def test_every_shop_shows_what_can_be_sold_from_the_start(system: System) -> None:
    names = article(system)
    wanted = dict.fromkeys(SHOPS, sellable(system, names["own"]))
    assert wanted["shopify"] > 0
    system.wait(lambda: shown(system, names) == wanted, within_s=180)
    system.wait(lambda: system.ask("SELECT count(*) FROM stock_owed") == [(0,)], within_s=180)
    assert system.ask("SELECT count(DISTINCT sku) FROM stock_published") == [(200,)]


def test_what_one_shop_sells_falls_in_all_three(system: System) -> None:
    names = article(system)
    before = sellable(system, names["own"])
    order = {"channel": "woocommerce", "lines": [{"sku": names["woocommerce"], "quantity": 3}]}
    system.shop("POST", "/orders", order)
    system.wait(lambda: sellable(system, names["own"]) == before - 3)
    system.wait(lambda: set(shown(system, names).values()) == {before - 3}, within_s=60)


def test_a_wrong_figure_is_found_and_repaired(system: System) -> None:
    names = article(system)
    system.wait(lambda: system.ask("SELECT count(*) FROM stock_owed") == [(0,)], within_s=60)
    right = {shop: figures(system, shop, names[shop]) for shop in SHOPS}
    for shop in SHOPS:
        place, units = next((p, u) for p, u in sorted(right[shop].items()) if u > 0)
        wrong: dict[str, Any] = {"channel": shop, "sku": names[shop], "place": place}
        system.shop("PUT", "/stock", wrong | {"quantity": units + 100})
    compared = json.loads(system.oms("stock", "reconcile", "--json"))
    assert {one["channel"]: one["drifted"] for one in compared} == dict.fromkeys(SHOPS, 1)
    system.wait(
        lambda: {shop: figures(system, shop, names[shop]) for shop in SHOPS} == right,
        within_s=90,
    )
    system.wait(lambda: system.ask("SELECT 1 FROM stock_drifts WHERE repaired_at IS NULL") == [])
    rows = json.loads(system.oms("stock", "drift", "--json"))
    assert {row["channel"] for row in rows} == set(SHOPS)
    assert all(row["found"] == row["published"] + 100 for row in rows)
    assert system.broken() == []
