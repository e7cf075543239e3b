"""Which of a carrier's services is bought, and what the routing policy keeps from being bought."""

from datetime import date

import pytest
from sqlmodel import Session
from temporalio.exceptions import ApplicationError

from carriers.base import Rate
from oms.fulfilments import parcels
from oms.sourcing.policy import CarrierExclusion
from tests.builders import an_order
from tests.oms.shop import a_shop, fill, packed, routed
from workflows.activities.carrying import cheapest


def a_rate(service: str, amount_minor: int, days: int = 2) -> Rate:
    return Rate(
        carrier="simulated",
        service=service,
        amount_minor=amount_minor,
        currency="USD",
        transit_days=days,
        delivery_on=date(2026, 3, 2),
    )


RATES = [a_rate("overnight", 300, 1), a_rate("ground", 500), a_rate("saver", 500, 4)]
BY_AIR = CarrierExclusion(carrier="simulated", service="overnight", reason="not by air")


def test_the_cheapest_service_that_is_not_excluded_is_bought() -> None:
    assert cheapest(RATES).service == "overnight"
    assert cheapest(RATES, [BY_AIR]).service == "ground"
    other = CarrierExclusion(carrier="manual", reason="slow")
    assert cheapest(RATES, [other]).service == "overnight"


def test_when_every_service_is_excluded_a_person_is_told_why() -> None:
    whole = CarrierExclusion(carrier="simulated", reason="on strike")
    with pytest.raises(ApplicationError, match="on strike") as refused:
        cheapest(RATES, [whole])
    assert (refused.value.type, refused.value.non_retryable) == ("service_excluded", True)
    with pytest.raises(ApplicationError, match="offers no service"):
        cheapest([], [whole])


def test_what_a_shipment_is_excluded_by_is_known_of_each_parcel(session: Session) -> None:
    fill(session, a_shop(session))
    order = an_order(session, {"MUG": 1})
    [shipment] = routed(session, order)
    packed(session, shipment)
    [parcel] = parcels.to_label(session, shipment.id)
    assert (parcel.channel, parcel.categories) == (order.channel, {""})
