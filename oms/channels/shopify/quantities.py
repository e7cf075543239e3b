"""How many units of a Shopify line are still for us to fulfil."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from oms.channels.shopify.document import LineItem, Order

_AT_THE_TILL: Final = timedelta(minutes=1)


def wanted(order: Order) -> Mapping[str, int]:
    """Units wanted by line id; a line that is nobody's or somebody else's to send is left out.

    Left out are gift cards, digital goods, lines of another fulfilment service, units removed
    or refunded before they were sent, and units that the customer took home from the till.
    Units that came *back* after they were sent stay: they were wanted and were delivered.
    """
    removed, returned = _refunded(order)
    taken = _taken_home(order)
    units: dict[str, int] = {}
    for line in order.line_items:
        if not _ours(line):
            continue
        if line.current_quantity is None:
            left = line.quantity - removed[line.id]
        else:
            left = min(line.quantity, line.current_quantity + returned[line.id])
        left -= taken[line.id]
        if left > 0:
            units[line.id] = left
    return units


def _ours(line: LineItem) -> bool:
    physical = line.requires_shipping is not False and not line.gift_card
    return physical and line.fulfillment_service in (None, "", "manual")


def _refunded(order: Order) -> tuple[Counter[str], Counter[str]]:
    """Units refunded before they were sent, and after."""
    removed, returned = Counter[str](), Counter[str]()
    for refund in order.refunds or ():
        for line in refund.refund_line_items or ():
            counter = returned if line.restock_type == "return" else removed
            counter[line.line_item_id] += line.quantity
    return removed, returned


def _taken_home(order: Order) -> Counter[str]:
    """Units fulfilled while the till rang: what a till order leaves to us came later."""
    taken = Counter[str]()
    if order.source_name != "pos":
        return taken
    for fulfilment in order.fulfillments or ():
        if abs(fulfilment.created_at - order.created_at) <= _AT_THE_TILL:
            for line in fulfilment.line_items or ():
                taken[line.id] += line.quantity
    return taken
