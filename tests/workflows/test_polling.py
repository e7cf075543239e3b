"""Orders that no message told of, found by the worker's round; notifications taken off a queue."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from api.sandbox.config import ShopConfig
from api.sandbox.doubles import SECRETS
from oms import clock
from oms.channels import polling
from oms.channels.amazon.adapter import Amazon
from oms.channels.poll_models import ChannelPoll
from oms.channels.rates import LocalGate
from oms.channels.registry import channel
from oms.db import transaction
from oms.orders.models import Order
from oms.settings import settings
from tests import builders
from tests.sandbox.running import Sandbox, sandbox
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run
from tests.workflows.test_stories import closed
from workflows.activities import polling as activities
from workflows.messages import Polled, Subject
from workflows.polling import PollChannels
from workflows.queues import CORE

KINDS = ("woocommerce", "reference", "amazon")


@pytest.fixture
def shops(live_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Shops that lose every message, and settings that lead to them."""
    config = {kind: ShopConfig(kind=kind, secret=SECRETS[kind], page_size=2) for kind in KINDS}
    with sandbox(shops=config) as running:
        channels: dict[str, dict[str, Any]] = {
            kind: {
                "kind": kind,
                "secrets": [] if kind == "amazon" else [SECRETS[kind]],
                "api_url": f"{running.url}/{kind}",
                "consumer_key": "ck_sandbox",
                "consumer_secret": "cs_sandbox",
                "publish_stock": False,
            }
            for kind in KINDS
        }
        channels["reference"]["api_url"] += "/webhooks"
        channels["amazon"]["selling_partner"] = {
            "client_id": f"of {running.url}",
            "client_secret": "cs_sandbox",
            "refresh_token": SECRETS["amazon"],
            "token_url": f"{running.url}/amazon/auth/o2/token",
            "marketplace_ids": ["ATVPDKIKX0DER"],
            "queue": {
                "url": f"{running.url}/000000000000/amazon",
                "region": "us-east-1",
                "access_key_id": "AKIDEXAMPLE",
                "secret_access_key": "cs_sandbox",
            },
        }
        monkeypatch.setenv("TRIBUTARY_CHANNELS", json.dumps(channels))
        settings.cache_clear()
        yield running


def open_shop() -> None:
    shop.open_shop(s01=50, w01=50)
    with transaction() as session:
        for kind in KINDS:
            builders.a_listing(session, channel=kind, channel_sku="MUG", sku="MUG")


def known() -> set[tuple[str, str]]:
    with transaction() as session:
        return set(session.exec(select(Order.channel, Order.external_id)).all())


def test_what_no_message_told_is_found_in_one_round_and_only_once(shops: Sandbox) -> None:
    open_shop()
    lost = {
        (kind, shops.place(kind, send=False, minutes_ago=10).id) for kind in KINDS for _ in range(3)
    }
    assert activities.polled_channels() == sorted(KINDS)
    first = [ActivityEnvironment().run(activities.poll_channel, Subject(kind)) for kind in KINDS]
    assert known() == lost
    second = [ActivityEnvironment().run(activities.poll_channel, Subject(kind)) for kind in KINDS]
    assert [(one.repaired, one.done) for one in first] == [(3, True)] * 3
    assert [(one.repaired, one.done) for one in second] == [(0, True)] * 3
    with transaction() as session:
        found = polling.repairs(session, since=clock.now() - timedelta(hours=1))
        assert {(row.channel, row.reference) for row in found} == lost


def test_a_shop_that_is_away_holds_up_no_other_and_says_why(
    at_work: AtWork, shops: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        open_shop()
        shops.place("woocommerce", send=False, minutes_ago=10)
        shops.fault("woocommerce", "throttle", times=1)
        changed = settings().model_dump(mode="json")["channels"]
        changed["reference"] |= {"secrets": [OTHER_SECRET]}
        del changed["amazon"]
        changed["woocommerce"] |= {
            "secrets": [SECRETS["woocommerce"]],
            "consumer_key": "ck_sandbox",
            "consumer_secret": "cs_sandbox",
        }
        monkeypatch.setenv("TRIBUTARY_CHANNELS", json.dumps(changed))
        settings.cache_clear()
        async with at_work() as client:
            found = await one_round(client, "away")
        assert [(one.channel, one.repaired) for one in found] == [("woocommerce", 1)]
        with transaction() as session:
            row = session.get_one(ChannelPoll, "reference")
            assert "refused our credentials (401)" in (row.last_error or "")

    run(story())


def test_a_webhook_that_the_site_switched_off_is_switched_on_and_the_gap_filled(
    at_work: AtWork, shops: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://desk.example/v1/webhooks/woocommerce"
    woo = {"kind": "woocommerce", "api_url": f"{shops.url}/woocommerce", "publish_stock": False}
    keys = {"consumer_key": "ck_sandbox", "consumer_secret": "cs_sandbox"}
    mine = woo | keys | {"secrets": [SECRETS["woocommerce"]], "subscribe": True}
    monkeypatch.setenv("TRIBUTARY_CHANNELS", json.dumps({"woocommerce": mine}))
    monkeypatch.setenv("TRIBUTARY_PUBLIC_URL", "https://desk.example/")
    settings.cache_clear()
    known_there = [
        {"topic": "order.created", "delivery_url": url, "status": "disabled"},
        {"topic": "order.updated", "delivery_url": url, "status": "paused"},
    ]
    api = f"{shops.url}/woocommerce/wp-json/wc/v3/webhooks"
    auth = ("ck_sandbox", "cs_sandbox")

    async def story() -> None:
        open_shop()
        order = shops.place("woocommerce", send=False, minutes_ago=10)
        for each in known_there:
            shops.http.post(api, json=each, auth=auth).raise_for_status()
        async with at_work() as client:
            await one_round(client, "mending")
            assert await asyncio.to_thread(known) == {("woocommerce", order.id)}
            found = shops.http.get(api, auth=auth).json()
            assert {each["topic"]: each["status"] for each in found} == {
                "order.created": "active",
                "order.updated": "paused",
                "order.deleted": "active",
            }
            await one_round(client, "again")
        assert shops.http.get(api, auth=auth).json() == found
        with transaction() as session:
            assert session.get_one(ChannelPoll, "woocommerce").mended == (
                "order.created was switched off and is on again;"
                " order.deleted was not told and is from now on"
            )

    run(story())


def test_a_notification_brings_its_order_and_leaves_the_queue(shops: Sandbox) -> None:
    open_shop()
    order = shops.place("amazon")
    lost = shops.place("amazon", by_marketplace=True)
    assert heard() == 2
    assert known() == {("amazon", order.id)}
    assert heard() == 0
    states = shops.http.get("/control/webhooks", params={"channel": "amazon"}).json()
    assert {each["status"] for each in states} == {"delivered"}
    assert lost.id not in {external for _, external in known()}


def test_a_notification_that_cannot_be_followed_stays_on_the_queue(shops: Sandbox) -> None:
    open_shop()
    shops.place("amazon")
    shops.http.put("/control/faults", json={"channel": "amazon", "mode": "fail", "times": 1})
    with pytest.raises(Exception, match="answered 500"):
        heard()
    assert known() == set()
    [webhook] = shops.http.get("/control/webhooks", params={"channel": "amazon"}).json()
    assert (webhook["status"], webhook["attempts"]) == ("queued", 1)


def heard() -> int:
    adapter = channel("amazon")
    assert isinstance(adapter, Amazon)
    mine = Amazon("amazon", adapter.settings, gate=LocalGate("amazon"))
    wanted = activities.queue_of("amazon")
    assert wanted is not None
    return activities.listen_once(mine, mine.poller, wanted, wait_s=0)


async def one_round(client: Client, name: str) -> list[Polled]:
    handle = await client.start_workflow(
        PollChannels.run, [], id=f"sweep:channels:{name}", task_queue=CORE
    )
    await closed(client, f"sweep:channels:{name}")
    return await handle.result()


OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
