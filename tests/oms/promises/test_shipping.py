"""Dates of delivery are dated by calendars and kept within every limit of routing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, delete

from oms import clock
from oms.capture import network
from oms.errors import Invalid
from oms.inventory import rules
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.locations.models import ClosedDay, Location, OpeningHours, Postcode
from oms.ordering import preordering
from oms.ordering.placing import UnknownSku
from oms.promises import promising
from oms.promises.baskets import Basket
from oms.promises.promising import Promise
from oms.promises.shipping import Sent
from oms.settings import settings
from tests.builders import a_listing, a_product, a_tariff, an_order, stock
from tests.oms.shop import Shop, fill, routed

NEW_YORK = {"latitude": 40.71, "longitude": -74.0}
MONDAY = datetime(2026, 6, 15, 14, 0, tzinfo=UTC)  # 10:00 in New York


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def ask(session: Session, wanted: dict[str, int] | None = None, **given: Any) -> Promise:
    session.flush()
    basket = Basket(tuple((wanted or {"MUG": 1}).items()), **(given or NEW_YORK))
    return promising.promise(session, basket)


def dates(found: Promise) -> list[tuple[date, int]]:
    return [(one.arrives_on, one.cost_minor) for one in found.shipping.options]


def reasons(found: Promise) -> dict[str, str]:
    assert not found.shipping.options
    return {one.sku: one.reason for one in found.shipping.lacking}


def close(session: Session, place: Location, *days: date) -> None:
    session.add_all(ClosedDay(location_id=place.id, day=day) for day in days)
    session.flush()


def test_before_the_cut_off_it_leaves_today_and_after_it_tomorrow(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    [option] = ask(session).shipping.options
    assert option.parcels == (Sent("S01", ("MUG",), date(2026, 6, 15), date(2026, 6, 16)),)
    assert (option.arrives_on, option.cost_minor) == (date(2026, 6, 16), 700)
    assert option.order_before == datetime(2026, 6, 15, 19, 0, tzinfo=UTC)  # 15:00 in New York
    assert option.promise_by == datetime(2026, 6, 17, 3, 59, 59, tzinfo=UTC)
    with clock.at(option.order_before):
        [later] = ask(session).shipping.options
    assert later.arrives_on == date(2026, 6, 17)
    assert later.order_before == datetime(2026, 6, 16, 19, 0, tzinfo=UTC)


def test_it_does_not_leave_on_days_that_are_closed(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=1)
    close(session, shop.riverside, date(2026, 6, 15), date(2026, 6, 16))
    assert dates(ask(session)) == [(date(2026, 6, 18), 700)]
    session.exec(delete(OpeningHours).where(col(OpeningHours.weekday) == 2))
    session.flush()
    assert dates(ask(session)) == [(date(2026, 6, 19), 700)]
    shop.riverside.handling_days = 2
    assert dates(ask(session)) == [(date(2026, 6, 21), 700)]


def test_a_later_date_is_offered_if_it_costs_less(session: Session, shop: Shop) -> None:
    fill(session, shop)
    shop.riverside.parcel_cost_minor = 1_000
    shop.harbour.parcel_cost_minor = 500
    found = ask(session).shipping.options
    assert [(one.arrives_on.day, one.cost_minor) for one in found] == [
        (16, 1_510),
        (17, 1_050),
        (19, 780),
    ]
    assert [one.parcels[0].location for one in found] == ["S01", "S02", "W01"]


def test_a_basket_may_come_from_several_places(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=2)
    stock(session, shop.depot, LAMP=1)
    [option] = ask(session, {"MUG": 2, "LAMP": 1}).shipping.options
    assert {(one.location, one.skus, one.arrives_on.day) for one in option.parcels} == {
        ("S01", ("MUG",), 16),
        ("W01", ("LAMP",), 19),
    }
    assert option.arrives_on.day == 19


def test_a_location_far_west_has_its_own_date_and_cut_off(session: Session, shop: Shop) -> None:
    stock(session, shop.depot, MUG=1)
    shop.depot.time_zone = "America/Los_Angeles"
    evening = datetime(2026, 6, 16, 4, 0, tzinfo=UTC)  # 00:00 on Tuesday in New York
    with clock.at(evening):  # still Monday evening at the depot
        [option] = ask(session).shipping.options
    assert option.parcels[0].leaves_on == date(2026, 6, 16)
    assert option.order_before == datetime(2026, 6, 16, 22, 0, tzinfo=UTC)
    with clock.at(evening - timedelta(hours=7)):  # 14:00 on Monday at the depot
        [option] = ask(session).shipping.options
    assert option.parcels[0].leaves_on == date(2026, 6, 15)


def test_what_lacks_is_said_with_the_first_limit_that_nobody_passes(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=3)
    stock(session, shop.harbour, MUG=4)
    stock(session, shop.depot, ANVIL=9)
    assert reasons(ask(session, {"LAMP": 1, "MUG": 1})) == {
        "LAMP": "no location has any that may be promised"
    }
    found = ask(session, {"MUG": 6})
    assert reasons(found) == {
        "MUG": "no location has 6 together: the most at one is 4, and 7 in all"
    }
    assert (found.shipping.lacking[0].units, found.shipping.lacking[0].free) == (6, 7)
    assert reasons(ask(session, {"ANVIL": 2})) == {
        "ANVIL": "120000 g are more than a parcel may weigh"
    }
    assert reasons(ask(session, {"ANVIL": 1})) == {
        "ANVIL": "sending it costs 35.50, and leaving it out is reckoned at 30.00"
    }


def test_a_full_or_closed_location_promises_nothing(session: Session, shop: Shop) -> None:
    stock(session, shop.harbour, MUG=9)
    shop.harbour.capacity_parcels = 1
    assert dates(ask(session)) == [(date(2026, 6, 17), 740)]
    routed(session, an_order(session, {"MUG": 1}))
    with clock.at(MONDAY + timedelta(minutes=1)):  # work given is counted anew
        assert reasons(ask(session)) == {
            "MUG": "every location that has it has used up its capacity for today"
        }
    shop.harbour.capacity_parcels = None
    close(session, shop.harbour, *(MONDAY.date() + timedelta(days=day) for day in range(62)))
    assert reasons(ask(session)) == {"MUG": "no location that has it can bring it within 60 days"}
    shop.harbour.can_ship = False
    assert reasons(ask(session)) == {"MUG": "only locations that do not ship have it"}


def test_more_parcels_than_an_order_may_have_are_not_promised(
    session: Session, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_MAX_PARCELS_PER_ORDER", "1")
    settings.cache_clear()
    stock(session, shop.riverside, MUG=1)
    stock(session, shop.harbour, LAMP=1)
    assert list(reasons(ask(session, {"MUG": 1, "LAMP": 1})).values()) == [
        "the basket would need more than 1 parcel"
    ]


def test_what_rules_keep_from_a_channel_is_not_promised_to_it(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=5)
    rules.set_rule(
        session,
        RuleKind.BUFFER,
        Scope(sku="MUG", channel="marketplace"),
        units=3,
        actor="test",
    )
    a_listing(session, channel="marketplace", channel_sku="M-1", sku="MUG")
    for units, promised in ((2, 1), (3, 0)):
        found = ask(session, {"M-1": units}, channel="marketplace", **NEW_YORK)
        assert len(found.shipping.options) == promised
    assert len(ask(session, {"MUG": 5}).shipping.options) == 1


def test_an_article_that_is_not_released_is_not_promised(session: Session, shop: Shop) -> None:
    fill(session, shop)
    preordering.set_release(session, "LAMP", MONDAY + timedelta(days=3), actor="test")
    found = ask(session, {"MUG": 1, "LAMP": 1})
    assert set(reasons(found).values()) == {
        "an article of the basket is not sold before 2026-06-18 14:00 UTC"
    }
    assert found.pickup.reason == "an article of the basket is not sold before 2026-06-18 14:00 UTC"


def test_a_postcode_is_placed_as_well_as_it_is_known(session: Session, shop: Shop) -> None:
    fill(session, shop)
    session.add(Postcode(country="US", postcode="02116", latitude=42.35, longitude=-71.07))
    assert ask(session, postcode="02116").assumptions == ()
    near = ask(session, postcode="02199")
    assert near.shipping.options[0].parcels[0].location == "S02"
    assert near.assumptions == (
        "The postcode is not on the map, so it is taken to lie in the middle of those that begin"
        " with 021.",
    )
    nowhere = ask(session, postcode="99999")
    assert nowhere.shipping.options
    assert nowhere.assumptions == (
        "The postcode is not on the map, so distances are from the network's middle.",
    )
    assert nowhere.pickup.reason == "no store can be called near: the postcode is not on the map"


@pytest.mark.parametrize(
    ("lines", "given", "field", "error"),
    [
        ((), NEW_YORK, "sku", Invalid),
        (tuple((f"A{number}", 1) for number in range(11)), NEW_YORK, "sku", Invalid),
        ((("MUG", 1), ("MUG", 2)), NEW_YORK, "sku", Invalid),
        ((("MUG", 0),), NEW_YORK, "qty", Invalid),
        ((("MUG", -1),), NEW_YORK, "qty", Invalid),
        ((("CUP", 1), ("MUG", 1)), NEW_YORK, "sku", UnknownSku),
        ((("MUG", 1),), {}, "postcode", Invalid),
        ((("MUG", 1),), {"postcode": " "}, "postcode", Invalid),
        ((("MUG", 1),), {"latitude": 40.0}, "longitude", Invalid),
        ((("MUG", 1),), {**NEW_YORK, "currency": "EUR"}, "currency", Invalid),
    ],
)
@pytest.mark.usefixtures("shop")
def test_a_question_that_has_no_answer_names_the_field(
    session: Session,
    lines: tuple[tuple[str, int], ...],
    given: dict[str, Any],
    field: str,
    error: type[Invalid],
) -> None:
    with pytest.raises(error) as refused:
        promising.promise(session, Basket(lines, **given))
    assert refused.value.field == field
    assert refused.value.remedy


def test_currency_and_country_must_be_said_where_there_are_several(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    a_tariff(session, currency="EUR")
    shop.harbour.country = "CA"
    session.flush()
    with pytest.raises(Invalid, match="several currencies") as refused:
        ask(session)
    assert refused.value.remedy == "name one of EUR, USD"
    with pytest.raises(Invalid, match="which country") as refused:
        ask(session, postcode="10002", currency="USD")
    assert refused.value.field == "country"
    assert ask(session, postcode="10002", country="US", currency="USD").shipping.options


def test_the_view_follows_the_clock_and_every_change_of_the_network(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    first = network.current(session)
    assert network.current(session) is first
    with clock.at(MONDAY + timedelta(hours=6)):
        later = network.current(session)
        fresh = network.read(session)
    assert later.version == first.version
    assert later.places is first.places
    for one, other in zip(later.tariffs["USD"][1], fresh.tariffs["USD"][1], strict=True):
        assert one.handling_days.tolist() == other.handling_days.tolist() == [1, 1, 1]
        assert one.pickup_days.tolist() == other.pickup_days.tolist()
    shop.riverside.cut_off = time(23)
    session.flush()
    assert network.current(session).version > first.version


def test_a_basket_of_one_product_is_as_heavy_as_all_its_units(session: Session, shop: Shop) -> None:
    a_product(session, "BRICK", weight_g=1_000)
    stock(session, shop.riverside, BRICK=5)
    assert [cost for _, cost in dates(ask(session, {"BRICK": 2}))] == [650 + 190 + 60]
    assert [cost for _, cost in dates(ask(session, {"BRICK": 3}))] == [950 + 190 + 60]
