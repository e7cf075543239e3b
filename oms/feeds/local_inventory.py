"""What lies in which store, in the shape of Google's Merchant API.

One `LocalInventory` a store and offer
(https://developers.google.com/merchant/api/reference/rest/inventories_v1/accounts.products.localInventories),
with `offerId` beside it: in the API the product is named by the address.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlmodel import Session, col, select

from oms import money
from oms.feeds.products import Offer, offers
from oms.inventory import availability
from oms.locations.models import Location, LocationKind
from oms.publishing.levels import level

_MICRO_DIGITS: Final = 6
_DAY_MIN: Final = 24 * 60
_SLAS: Final = (
    "SAME_DAY", "NEXT_DAY", "TWO_DAY", "THREE_DAY", "FOUR_DAY", "FIVE_DAY", "SIX_DAY",
    "SEVEN_DAY",
)  # fmt: skip


def entries(
    session: Session, skus: Sequence[str], *, channel: str | None, pickup_ready_minutes: int
) -> list[dict[str, Any]]:
    """The entries of these articles for every store that keeps them, also where none is left."""
    stores = session.exec(
        select(Location)
        .where(Location.kind == LocationKind.STORE, col(Location.active))
        .order_by(Location.code)
    ).all()
    by_id = {store.id: store for store in stores}
    units = level(session, channel=channel, skus=skus)
    kept: dict[str, list[Location]] = {}
    for row in availability.of(session, skus):
        if (store := by_id.get(row.location_id)) is not None:
            kept.setdefault(row.sku, []).append(store)
    return [
        {
            "offerId": offer.id,
            "storeCode": store.code,
            "localInventoryAttributes": _attributes(
                offer,
                store,
                units.get((offer.product.sku, store.code), 0),
                pickup_ready_minutes=pickup_ready_minutes,
            ),
        }
        for offer in offers(session, skus, channel=channel)
        for store in sorted(kept.get(offer.product.sku, ()), key=lambda store: store.code)
    ]


def micros(minor: int, *, currency: str) -> str:
    """An amount in millionths of the currency's unit, as text."""
    return str(minor * 10 ** (_MICRO_DIGITS - money.exponent(currency)))


def _attributes(
    offer: Offer, store: Location, units: int, *, pickup_ready_minutes: int
) -> Mapping[str, Any]:
    pickup = {"pickupMethod": "BUY", "pickupSla": _sla(pickup_ready_minutes)}
    return {
        "price": {
            "amountMicros": micros(offer.price_minor, currency=offer.currency),
            "currencyCode": offer.currency,
        },
        "availability": "IN_STOCK" if units > 0 else "OUT_OF_STOCK",
        "quantity": str(units),
        **(pickup if store.can_pickup else {"pickupMethod": "NOT_SUPPORTED"}),
    }


def _sla(minutes: int) -> str:
    """When an order is ready, in days from its own; a promise of hours may pass midnight."""
    days = minutes // _DAY_MIN
    return _SLAS[days] if days < len(_SLAS) else "MULTI_WEEK"
