"""What a carrier is told of a parcel."""

from sqlmodel import Session

from oms.fulfilments import parcels
from tests.builders import an_order
from tests.oms.shop import a_shop, fill, packed, routed


def test_what_a_shipment_is_excluded_by_is_known_of_each_parcel(session: Session) -> None:
    fill(session, a_shop(session))
    order = an_order(session, {"MUG": 1})
    [shipment] = routed(session, order)
    packed(session, shipment)
    [parcel] = parcels.to_label(session, shipment.id)
    assert (parcel.channel, parcel.categories) == (order.channel, {""})
