"""Operations' page of stock at the channels: what is owed, refused and adrift."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from oms import clock
from oms.channels.stock import Figure
from oms.db import transaction
from oms.publishing import channels, drifting, owing
from oms.publishing.drifting import Gap
from oms.publishing.models import StockOwed
from tests.builders import a_listing
from tests.oms.publishing.stocked import told
from tests.web.conftest import SIZES, OpenWindow, Site


def a_story() -> None:
    """Shopify is up to date and drifted once, WooCommerce refuses an article and is away."""
    with transaction() as unit:
        for channel in ("shopify", "woocommerce"):
            a_listing(unit, channel=channel, channel_sku="MUG", sku="MUG")
        told(unit, {("MUG", ""): Figure(0)})
        channels.told(unit, channel="shopify", count=12, at=clock.now())
        channels.compared(unit, channel="shopify", count=600)
        gap = Gap(("MUG", "L1"), "MUG", published=10, found=40, sellable=10)
        drifting.record(unit, channel="shopify", gaps=[gap])
        owing.settled(unit, channel="shopify", claimed={"MUG": 1})
        owing.owe(unit, channels=["woocommerce"], skus=["MUG"])
        owing.put_off(
            unit,
            channel="woocommerce",
            skus=["MUG"],
            wait=timedelta(minutes=5),
            error="the channel has no such article",
        )
        channels.failed(
            unit, channel="woocommerce", error="woocommerce answered 503", retry_after_s=60
        )


def test_the_page_says_how_each_channel_stands(site: Site) -> None:
    a_story()
    with site.in_operations() as client:
        page = client.get("/operations/stock", headers={"HX-Request": "false"}).text
        assert "Up to date" in page
        assert "Cannot be told" in page
        assert "woocommerce answered 503" in page
        assert "the channel has no such article" in page
        assert "told 10, found 40" in page
        assert "1 open, 0 repaired" in page
        part = client.get("/operations/stock", headers={"HX-Request": "true"}).text
        assert part.lstrip().startswith('<div id="card"')


def test_everything_is_owed_again_on_demand(site: Site) -> None:
    a_story()
    with site.in_operations() as client:
        answer = client.post("/operations/stock/publish", headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 200, answer.text
        assert "told of all its articles again" in answer.text
    with transaction() as unit:
        rows = unit.exec(select(StockOwed)).all()
        assert {row.channel for row in rows} == {"shopify", "woocommerce"}
        assert all(row.available_at <= clock.now() for row in rows)


def test_nobody_else_sees_it(site: Site) -> None:
    with site.client() as client:
        assert client.get("/operations/stock").status_code in (303, 401)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_does_not_stick_out(open_window: OpenWindow, size: str) -> None:
    a_story()
    window = open_window(size, dark=False)
    page = window.sign_in_to_operations()
    window.open("/operations/stock")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SIZES[size][0]
    window.shoot("stock-at-channels")
