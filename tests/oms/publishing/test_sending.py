"""What a channel is told: never above what can be sold, what falls first, nothing twice."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from oms import clock
from oms.catalogue.models import Listing
from oms.channels.stock import Figure, Refusal
from oms.inventory import receiving
from oms.publishing import sending
from oms.publishing.models import StockPublished
from oms.publishing.sending import Phase
from tests.builders import an_order, stock
from tests.oms.publishing.stocked import (
    ALL,
    REST,
    STORE,
    a_listed_shop,
    levels,
    planned,
    told,
)

MUG = ("s-MUG", "")
AT_STORE, AT_REST = ("s-MUG", "L1"), ("s-MUG", "L2")


def recorded(session: Session) -> dict[tuple[str, str], tuple[int, int, int | None]]:
    rows = session.exec(select(StockPublished).execution_options(populate_existing=True)).all()
    return {
        (row.channel_sku, row.place): (row.quantity, row.version, row.sent_quantity) for row in rows
    }


def test_one_figure_is_the_sum_of_what_every_location_can_sell(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=3)
    stock(session, shop.depot, MUG=4)
    an_order(session, {"MUG": 2}, pickup_store="S01")
    plan = planned(session, {MUG: Figure(0)}, phase=Phase.RAISE)
    assert levels(plan) == {MUG: 5}


def test_a_location_that_sells_nothing_adds_nothing(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=3)
    stock(session, shop.harbour, MUG=4)
    shop.harbour.active = False
    session.flush()
    assert levels(planned(session, {MUG: Figure(0)}, phase=Phase.RAISE)) == {MUG: 3}


def test_what_falls_is_told_before_what_rises(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=1)
    stock(session, shop.depot, MUG=9)
    figures = {AT_STORE: Figure(5), AT_REST: Figure(5)}
    assert levels(planned(session, figures, STORE, REST, phase=Phase.LOWER)) == {AT_STORE: 1}
    assert levels(planned(session, figures, STORE, REST, phase=Phase.RAISE)) == {AT_REST: 9}


def test_the_stock_is_read_again_before_the_second_phase(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.depot, MUG=9)
    figures = {AT_STORE: Figure(0), AT_REST: Figure(5)}
    assert levels(planned(session, figures, STORE, REST, phase=Phase.LOWER)) == {}
    receiving.count(session, sku="MUG", location_id=shop.depot.id, units=6, actor="test")
    assert levels(planned(session, figures, STORE, REST, phase=Phase.RAISE)) == {AT_REST: 6}


def test_what_is_right_already_is_not_told(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=3)
    for phase in Phase:
        assert levels(planned(session, {MUG: Figure(3)}, phase=phase)) == {}
    told(session, {MUG: Figure(3)})
    assert recorded(session) == {MUG: (3, 1, None)}
    told(session, {MUG: Figure(3)})
    assert recorded(session) == {MUG: (3, 1, None)}


def test_an_article_that_sells_without_end_is_bounded_first(session: Session) -> None:
    a_listed_shop(session)
    assert levels(planned(session, {MUG: Figure(None)}, phase=Phase.LOWER)) == {MUG: 0}


def test_a_place_that_does_not_stock_an_article_is_not_told_of_none(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.depot, MUG=2)
    figures = {AT_STORE: Figure(None, absent=True), AT_REST: Figure(None, absent=True)}
    assert levels(planned(session, figures, STORE, REST, phase=Phase.LOWER)) == {}
    assert levels(planned(session, figures, STORE, REST, phase=Phase.RAISE)) == {AT_REST: 2}


def test_a_withdrawn_listing_shows_none(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=3)
    told(session, {MUG: Figure(0)})
    session.get_one(Listing, ("shopify", "s-MUG")).published = False
    session.flush()
    assert levels(planned(session, {MUG: Figure(3)}, phase=Phase.LOWER)) == {MUG: 0}
    told(session, {MUG: Figure(3)})


def test_an_unknown_article_is_refused_if_there_is_something_to_tell(session: Session) -> None:
    shop = a_listed_shop(session)
    assert planned(session, {}, phase=Phase.LOWER).refused == {}
    stock(session, shop.riverside, MUG=3)
    assert list(planned(session, {}, phase=Phase.LOWER).refused) == [MUG]
    faulty = planned(session, {MUG: Figure(1, fault="not tracked")}, phase=Phase.LOWER)
    assert faulty.refused == {MUG: Refusal("not tracked")}


def test_units_that_the_shop_sold_and_has_not_told_of_are_held_back(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=10)
    told(session, {MUG: Figure(0)})
    stock(session, shop.depot, MUG=5)
    plan = planned(session, {MUG: Figure(8)}, phase=Phase.RAISE)  # two were bought meanwhile
    assert levels(plan) == {MUG: 13}
    assert plan.held_back == {"MUG"}
    told(session, {MUG: Figure(8)})
    an_order(session, {"MUG": 2}, channel="shopify", pickup_store="S01")  # here they come
    assert levels(planned(session, {MUG: Figure(13)}, phase=Phase.RAISE)) == {}
    assert planned(session, {MUG: Figure(13)}, phase=Phase.RAISE).held_back == frozenset()
    told(session, {MUG: Figure(13)})


def test_a_sale_that_was_heard_of_is_not_counted_twice(session: Session) -> None:
    shop = a_listed_shop(session)
    with clock.at(clock.now() - timedelta(minutes=1)):
        stock(session, shop.riverside, MUG=10)
        told(session, {MUG: Figure(0)})
    an_order(session, {"MUG": 2}, channel="shopify", pickup_store="S01")
    for phase in Phase:
        plan = planned(session, {MUG: Figure(8)}, phase=phase)
        assert (levels(plan), plan.held_back) == ({}, frozenset())
    told(session, {MUG: Figure(8)})
    assert recorded(session) == {MUG: (8, 2, None)}


def test_sales_of_other_channels_explain_nothing(session: Session) -> None:
    shop = a_listed_shop(session)
    with clock.at(clock.now() - timedelta(minutes=1)):
        stock(session, shop.riverside, MUG=10)
        told(session, {MUG: Figure(0)})
    an_order(session, {"MUG": 2}, channel="woocommerce", pickup_store="S01")
    plan = planned(session, {MUG: Figure(8)}, phase=Phase.LOWER)
    assert (levels(plan), plan.held_back) == ({MUG: 6}, {"MUG"})
    told(session, {MUG: Figure(8)})


def test_a_lost_answer_is_not_taken_for_a_sale(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=10)
    told(session, {MUG: Figure(0)})
    receiving.count(session, sku="MUG", location_id=shop.riverside.id, units=6, actor="test")
    plan = planned(session, {MUG: Figure(10)}, phase=Phase.LOWER)
    sending.intend(session, channel="shopify", plan=plan)  # and then the line was dropped
    assert recorded(session) == {MUG: (10, 1, 6)}
    for figure in (6, 10):  # whether it arrived or not
        again = planned(session, {MUG: Figure(figure)}, phase=Phase.LOWER)
        assert again.held_back == frozenset()
    told(session, {MUG: Figure(6)})
    assert recorded(session) == {MUG: (6, 2, None)}


def test_what_was_refused_is_recorded_as_it_was(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=10)
    plan = planned(session, {MUG: Figure(2)}, phase=Phase.RAISE)
    sending.intend(session, channel="shopify", plan=plan)
    figures = sending.record(
        session, channel="shopify", plan=plan, refused={MUG: Refusal("no")}, at=clock.now()
    )
    assert figures == {MUG: Figure(2)}
    assert recorded(session) == {MUG: (0, 0, None)}


def test_a_repeated_telling_has_the_same_key_and_another_has_not(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=10)
    first = planned(session, {MUG: Figure(2)}, phase=Phase.RAISE).telling.key
    assert planned(session, {MUG: Figure(2)}, phase=Phase.RAISE).telling.key == first
    assert planned(session, {MUG: Figure(3)}, phase=Phase.RAISE).telling.key != first
    told(session, {MUG: Figure(2)})
    assert planned(session, {MUG: Figure(2)}, phase=Phase.RAISE).telling.key != first


def test_the_database_refuses_a_figure_above_what_was_sellable(session: Session) -> None:
    a_listed_shop(session)
    session.add(
        StockPublished(
            channel="shopify",
            channel_sku="s-MUG",
            place="",
            sku="MUG",
            quantity=2,
            sellable=1,
            codes="*",
        )
    )
    with pytest.raises(IntegrityError, match="never_above_sellable"):
        session.flush()
    session.rollback()


def test_a_receiver_that_cannot_be_asked_is_told_what_changed_only(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=3)
    unread = {MUG: Figure(None, unread=True)}
    assert levels(planned(session, unread, phase=Phase.LOWER)) == {MUG: 3}
    told(session, unread, ALL)
    assert levels(planned(session, unread, phase=Phase.LOWER)) == {}
