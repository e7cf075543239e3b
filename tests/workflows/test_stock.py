"""Stock told to real shops by the worker: lowered everywhere, set wrong, found and repaired."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from temporalio.client import Client

from api.sandbox.config import ShopConfig
from api.sandbox.stock import ONLINE
from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.inventory import receiving
from oms.locations import queries as locations
from oms.publishing import owing
from oms.publishing.models import StockChannel, StockDrift, StockOwed, StockPublished
from oms.settings import settings
from tests import builders
from tests.sandbox.running import SECRETS, Sandbox, sandbox
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until
from tests.workflows.test_stories import closed
from workflows.messages import StockCompared
from workflows.publishing import ReconcileStock
from workflows.queues import CORE

BOOK = Path(__file__).parents[1] / "sandbox/book.json"
ONLINE_ID, RIVERSIDE_ID = "gid://shopify/Location/100", "gid://shopify/Location/101"
NAMES = {"shopify": "S-MUG", "woocommerce": "MUG", "reference": "MUG"}


@pytest.fixture
def shops(live_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The three shops, and settings that lead to them."""
    config = {kind: ShopConfig(kind=kind, secret=secret) for kind, secret in SECRETS.items()}
    with sandbox(book=BOOK, shops=config) as running:
        channels: dict[str, dict[str, Any]] = {
            kind: {
                "kind": kind,
                "secrets": [SECRETS[kind]],
                "api_url": f"{running.url}/{kind}",
                "access_token": "sandbox-token",
                "consumer_key": "ck_sandbox",
                "consumer_secret": "cs_sandbox",
            }
            for kind in SECRETS
        }
        channels["reference"]["api_url"] += "/webhooks"
        channels["shopify"]["stock_locations"] = {"Riverside": "S01", ONLINE: "*"}
        monkeypatch.setenv("TRIBUTARY_CHANNELS", json.dumps(channels))
        settings.cache_clear()
        yield running


def open_shop(**units: int) -> None:
    """The small shop, its mugs listed on every channel."""
    shop.open_shop(**units)
    with transaction() as session:
        for channel, name in NAMES.items():
            builders.a_listing(session, channel=channel, channel_sku=name, sku="MUG")


def shown(shops: Sandbox) -> dict[str, dict[str, int]]:
    return {channel: shops.stock(channel, name) for channel, name in NAMES.items()}


def everywhere(store: int, depot: int) -> dict[str, dict[str, int]]:
    return {
        "shopify": {ONLINE_ID: depot, RIVERSIDE_ID: store},
        "woocommerce": {"": store + depot},
        "reference": {"S01": store, "W01": depot},
    }


def nothing_owed() -> bool:
    with transaction() as session:
        return not session.exec(select(StockOwed)).all()


def receive(units: int, place: str = "S01") -> None:
    with transaction() as session:
        receiving.receive(
            session,
            sku="MUG",
            location_id=locations.by_code(session, place).id,
            units=units,
            actor="test",
        )


async def compare(client: Client, *only: str) -> list[StockCompared]:
    handle = await client.start_workflow(
        ReconcileStock.run, list(only), id="sweep:stock:test", task_queue=CORE
    )
    await closed(client, "sweep:stock:test")
    return await handle.result()


def test_what_is_sold_falls_in_all_shops_and_what_comes_in_rises(
    at_work: AtWork, shops: Sandbox
) -> None:
    async def story() -> None:
        open_shop(s01=3, w01=2)
        async with at_work() as client:
            await until(lambda: shown(shops) == everywhere(3, 2), within_s=30)
            await asyncio.to_thread(shop.order, {"MUG": 2}, pickup_store="S01")
            await until(lambda: shown(shops) == everywhere(1, 2), within_s=30)
            await asyncio.to_thread(receive, 5, "W01")
            await until(lambda: shown(shops) == everywhere(1, 7), within_s=30)
            await until(nothing_owed)
            assert "figures told" in await closed(client, "stock:shopify")

    run(story())


def test_drift_is_found_written_down_and_repaired(at_work: AtWork, shops: Sandbox) -> None:
    async def story() -> None:
        open_shop(s01=3, w01=2)
        async with at_work() as client:
            await until(lambda: shown(shops) == everywhere(3, 2) and nothing_owed(), within_s=30)
            shops.set_stock("shopify", "S-MUG", 9, place=RIVERSIDE_ID)
            shops.set_stock("woocommerce", "MUG", 50)
            shops.set_stock("reference", "MUG", 0, place="W01")
            found = {one.channel: one for one in await compare(client)}
            assert {code: one.drifted for code, one in found.items()} == {
                "shopify": 1,
                "woocommerce": 1,
                "reference": 1,
            }
            await until(lambda: shown(shops)["woocommerce"] == {"": 5}, within_s=30)
            await until(lambda: shown(shops) == everywhere(3, 2) and nothing_owed(), within_s=50)
            again = await compare(client)
            assert [(one.drifted, one.outdated) for one in again] == [(0, 0)] * 3

    run(story())
    with transaction() as session:
        rows = session.exec(select(StockDrift).order_by(StockDrift.channel)).all()
        assert [(row.channel, row.published, row.found, row.sellable) for row in rows] == [
            ("reference", 2, 0, 2),
            ("shopify", 3, 9, 3),
            ("woocommerce", 5, 50, 5),
        ]
        assert all(row.repaired_at for row in rows)
        assert all(row.compared_at for row in session.exec(select(StockChannel)))


@pytest.mark.parametrize("mode", ["timeout_after_success", "fail", "throttle"])
def test_a_shop_that_fails_on_the_way_shows_the_right_figures_in_the_end(
    at_work: AtWork, shops: Sandbox, mode: str
) -> None:
    async def story() -> None:
        open_shop(s01=3, w01=2)
        for channel in NAMES:
            shops.fault(
                channel, mode, seconds=21 if mode == "timeout_after_success" else 1, on="stock"
            )
        async with at_work():
            await until(lambda: shown(shops) == everywhere(3, 2) and nothing_owed(), within_s=60)

    run(story())
    with transaction() as session:
        told = session.exec(select(StockPublished)).all()
        assert {row.sent_quantity for row in told} == {None}
        assert sum(row.quantity for row in told) == 3 * 5


def test_what_a_shop_refuses_is_a_case_until_it_takes_it(at_work: AtWork, shops: Sandbox) -> None:
    def cases() -> list[OpenException]:
        with transaction() as session:
            return list(session.exec(select(OpenException)))

    async def story() -> None:
        open_shop(s01=3, w01=2)
        with transaction() as session:
            builders.a_product(session, "CUP")
            builders.a_listing(session, channel="woocommerce", channel_sku="CUP", sku="CUP")
        await asyncio.to_thread(receive, 1)
        with transaction() as session:
            builders.stock(session, locations.by_code(session, "S01"), CUP=4)
        async with at_work():
            [case] = await until(cases, within_s=30)
            assert "woocommerce does not take the stock of CUP" in case.detail
            await until(lambda: shown(shops)["woocommerce"] == {"": 6}, within_s=30)
            shops.set_stock("woocommerce", "CUP", 0)  # now the shop has the article

            def again() -> None:
                with transaction() as session:
                    owing.owe_everything(session, channels=["woocommerce"], now=True)

            await asyncio.to_thread(again)
            await until(lambda: shops.stock("woocommerce", "CUP") == {"": 4}, within_s=30)
            await until(lambda: all(case.resolved_at for case in cases()), within_s=10)

    run(story())


def test_a_setting_that_lacks_is_a_case_that_names_it(
    at_work: AtWork, shops: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = json.loads(os.environ["TRIBUTARY_CHANNELS"])
    del channels["shopify"]["access_token"]
    monkeypatch.setenv("TRIBUTARY_CHANNELS", json.dumps(channels))
    settings.cache_clear()

    def cases() -> list[OpenException]:
        with transaction() as session:
            return list(session.exec(select(OpenException)))

    async def story() -> None:
        open_shop(s01=3, w01=2)
        async with at_work():
            [case] = await until(cases, within_s=30)
            assert "channels.shopify.access_token is not set" in case.detail
            await until(lambda: shown(shops)["woocommerce"] == {"": 5}, within_s=30)

    run(story())
