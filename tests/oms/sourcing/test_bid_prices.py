"""Bid prices follow what joint runs found stock to be worth, smoothed, version by version."""

from datetime import timedelta
from uuid import uuid4

from sqlmodel import Session, select

from oms import clock
from oms.sourcing import bid_prices
from oms.sourcing.run_models import BidPriceVersion
from tests.oms.shop import Shop


def test_what_a_run_found_stock_to_be_worth_becomes_its_price(session: Session, shop: Shop) -> None:
    run_id = uuid4()
    first = bid_prices.learn(
        session, {("MUG", "S01"): 300}, run_id=run_id, skus={"MUG"}, smoothing_percent=50
    )
    assert first == bid_prices.newest(session)
    assert bid_prices.current(session, ["MUG", "LAMP"]) == {("MUG", "S01"): 150}
    again = bid_prices.learn(
        session, {("MUG", "S01"): 9}, run_id=run_id, skus={"MUG"}, smoothing_percent=50
    )
    assert again is None
    bid_prices.learn(
        session,
        {("LAMP", "W01"): 60, ("LAMP", "gone"): 60},
        run_id=uuid4(),
        skus={"MUG", "LAMP"},
        smoothing_percent=50,
    )
    assert bid_prices.current(session, ["MUG", "LAMP"]) == {
        ("MUG", "S01"): 75,
        ("LAMP", "W01"): 30,
    }
    assert bid_prices.current(session, ["LAMP"]) == {("LAMP", "W01"): 30}


def test_where_nothing_is_worth_anything_prices_stay(session: Session, shop: Shop) -> None:
    bid_prices.learn(
        session, {("MUG", "S01"): 30}, run_id=uuid4(), skus={"MUG"}, smoothing_percent=100
    )
    assert (
        bid_prices.learn(session, {}, run_id=uuid4(), skus={"MUG"}, smoothing_percent=100) is None
    )
    assert bid_prices.current(session, ["MUG"]) == {("MUG", "S01"): 30}


def test_a_price_fades_when_its_article_is_plentiful_and_rests_when_nobody_asks() -> None:
    known = {("MUG", "S01"): 100, ("LAMP", "S01"): 100, ("ANVIL", "S01"): 1}
    found = bid_prices.smoothed(known, {}, skus={"MUG", "ANVIL"}, smoothing_percent=60)
    assert found == {("MUG", "S01"): 40, ("LAMP", "S01"): 100}


def test_the_version_in_force_is_kept_however_old_it_is(session: Session, shop: Shop) -> None:
    versions = []
    for days in (9, 8, 0):
        with clock.at(clock.now() - timedelta(days=days)):
            versions.append(
                bid_prices.learn(
                    session,
                    {("MUG", "S01"): 300},
                    run_id=uuid4(),
                    skus={"MUG"},
                    smoothing_percent=50,
                )
            )
        kept = session.exec(select(BidPriceVersion.version)).all()
        assert versions[-1] in kept
    assert kept == versions[-1:]
