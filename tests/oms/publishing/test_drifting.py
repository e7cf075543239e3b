"""Drift is what neither a telling nor a sale explains; it is written down once and told again."""

from sqlmodel import Session

from oms.channels.stock import Figure, Spot
from oms.locations import queries as locations
from oms.publishing import drifting
from oms.publishing.drifting import Gap
from tests.builders import stock
from tests.oms.publishing.stocked import ALL, a_listed_shop, owed, told

MUG = ("s-MUG", "")
GAP = Gap(MUG, "MUG", published=10, found=4, sellable=10)


def look(session: Session, figures: dict[Spot, Figure]) -> drifting.Look:
    return drifting.look(
        session, channel="shopify", skus=["MUG", "LAMP"], places=[ALL], figures=figures
    )


def a_told_shop(session: Session) -> None:
    shop = a_listed_shop(session, "shopify")
    stock(session, shop.riverside, MUG=10)
    told(session, {MUG: Figure(0)})


def test_another_figure_than_was_told_is_a_gap(session: Session) -> None:
    a_told_shop(session)
    assert look(session, {MUG: Figure(4)}).gaps == {MUG: GAP}
    assert look(session, {MUG: Figure(10)}).gaps == {}


def test_a_figure_that_is_what_it_should_be_by_now_is_no_gap(session: Session) -> None:
    a_told_shop(session)
    shop_has_less = look(session, {MUG: Figure(10)})
    assert shop_has_less.outdated == frozenset()
    stock(session, locations.by_code(session, "W01"), MUG=5)
    now = look(session, {MUG: Figure(15)})
    assert (now.gaps, now.outdated) == ({}, {"MUG"})


def test_what_is_owed_already_is_nobodys_fault(session: Session) -> None:
    a_told_shop(session)
    drifting.record(session, channel="shopify", gaps=[GAP])
    found = look(session, {MUG: Figure(4)})
    assert (found.gaps, found.outdated) == ({}, frozenset())


def test_what_was_never_told_is_outdated_unless_it_is_right(session: Session) -> None:
    a_listed_shop(session, "shopify")
    assert look(session, {MUG: Figure(4)}).outdated == {"MUG"}
    assert look(session, {MUG: Figure(0)}).outdated == frozenset()
    assert look(session, {MUG: Figure(None, absent=True)}).outdated == frozenset()
    assert look(session, {}).outdated == frozenset()


def test_a_figure_that_the_channel_keeps_no_more_is_told_again(session: Session) -> None:
    a_told_shop(session)
    assert look(session, {MUG: Figure(None)}).outdated == {"MUG"}
    assert look(session, {MUG: Figure(None, unread=True)}).outdated == frozenset()


def test_only_what_a_second_look_finds_unchanged_is_drift() -> None:
    moved = Gap(MUG, "MUG", published=10, found=3, sellable=10)
    assert drifting.confirmed({MUG: GAP}, {MUG: GAP}) == [GAP]
    assert drifting.confirmed({MUG: GAP}, {MUG: moved}) == []
    assert drifting.confirmed({MUG: GAP}, {}) == []
    assert drifting.confirmed({}, {MUG: GAP}) == []


def test_drift_is_written_down_once_until_it_is_repaired(session: Session) -> None:
    a_told_shop(session)
    assert drifting.record(session, channel="shopify", gaps=[GAP]) == 1
    assert drifting.record(session, channel="shopify", gaps=[GAP]) == 0
    assert owed(session) == {("shopify", "MUG"): 2}
    assert drifting.counts(session) == {"shopify": (1, 0)}
    drifting.repaired(session, channel="shopify", skus=["MUG"])
    assert drifting.counts(session) == {"shopify": (0, 1)}
    assert drifting.record(session, channel="shopify", gaps=[GAP]) == 1
    assert drifting.counts(session) == {"shopify": (1, 1)}
    [newest] = drifting.newest(session, channel="shopify", only_open=True)
    assert (newest.published, newest.found, newest.sellable) == (10, 4, 10)
    assert drifting.newest(session, channel="woocommerce") == []
