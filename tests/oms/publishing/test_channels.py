"""How publishing to a channel goes: told, paused, refused, switched off."""

from datetime import timedelta

from sqlmodel import Session, select

from oms import clock
from oms.catalogue.models import Listing
from oms.channels.stock import Figure, Refusal
from oms.exceptions.models import OpenException
from oms.publishing import channels, owing
from oms.publishing.models import StockChannel, StockPublished
from oms.settings import Settings
from tests.builders import stock
from tests.channels.builders import WHSEC
from tests.oms.publishing.stocked import a_listed_shop, owed, told

MUG = ("s-MUG", "")


def cases(session: Session) -> list[OpenException]:
    session.flush()
    return list(session.exec(select(OpenException)))


def test_every_channel_is_told_unless_it_is_switched_off() -> None:
    config = Settings(
        channels={
            "us": {"kind": "shopify", "secrets": ["s"], "api_url": "https://us.example.com"},
            "till": {
                "kind": "reference",
                "secrets": [WHSEC],
                "api_url": "https://till.example.com",
                "publish_stock": False,
            },
        }
    )
    assert channels.publishing(config) & {"us", "till"} == {"us"}


def test_a_channel_that_asks_for_patience_is_left_alone(session: Session) -> None:
    channels.failed(session, channel="shopify", error="throttled", retry_after_s=60)
    assert channels.paused(session, channel="shopify")
    assert channels.reachable(session, ["shopify", "woocommerce"]) == {"woocommerce"}
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert not channels.paused(session, channel="shopify")
    channels.failed(session, channel="woocommerce", error="away", retry_after_s=None)
    assert not channels.paused(session, channel="woocommerce")


def test_success_clears_what_went_wrong_and_counts(session: Session) -> None:
    channels.failed(session, channel="shopify", error="away", retry_after_s=60)
    channels.told(session, channel="shopify", count=3, at=clock.now())
    channels.told(session, channel="shopify", count=0, at=clock.now())
    row = session.get_one(StockChannel, "shopify")
    assert (row.told, row.last_error, row.paused_until) == (3, None, None)


def test_what_is_refused_is_one_case_a_channel_until_all_is_taken(session: Session) -> None:
    a_listed_shop(session, "shopify")
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    owing.put_off(
        session, channel="shopify", skus=["MUG"], wait=timedelta(minutes=5), error="not tracked"
    )
    refused = {(f"A{number}", "L1"): Refusal("not tracked") for number in range(7)}
    channels.review_case(session, channel="shopify", refused=refused)
    channels.review_case(session, channel="shopify", refused=dict(list(refused.items())[:1]))
    [case] = cases(session)
    assert case.detail == "shopify does not take the stock of A0 at L1 (not tracked)"
    channels.review_case(session, channel="shopify", refused={})
    assert cases(session)[0].resolved_at is None  # another article is still refused
    owing.settled(session, channel="shopify", claimed=owed_of(session))
    channels.review_case(session, channel="shopify", refused={})
    assert cases(session)[0].resolved_at is not None


def test_many_refusals_are_counted_not_listed(session: Session) -> None:
    refused = {(f"A{number}", ""): Refusal("no") for number in range(7)}
    channels.review_case(session, channel="shopify", refused=refused)
    [case] = cases(session)
    assert case.detail.endswith("A4 (no) and 2 more")


def test_what_was_told_to_a_channel_that_is_gone_is_forgotten(session: Session) -> None:
    shop = a_listed_shop(session, "shopify", "woocommerce")
    stock(session, shop.riverside, MUG=3)
    told(session, {MUG: Figure(0)})
    told(session, {("w-MUG", ""): Figure(0)}, channel="woocommerce")
    owing.owe_everything(session, channels=["shopify", "woocommerce"])
    channels.forget_others(session, ["woocommerce"])
    assert {channel for channel, _ in owed(session)} == {"woocommerce"}
    [row] = session.exec(select(StockPublished)).all()
    assert row.channel == "woocommerce"
    session.delete(session.get_one(Listing, ("woocommerce", "w-MUG")))
    session.flush()
    channels.forget_others(session, ["woocommerce"])
    assert session.exec(select(StockPublished)).all() == []


def owed_of(session: Session) -> dict[str, int]:
    return {sku: version for (_, sku), version in owed(session).items()}
