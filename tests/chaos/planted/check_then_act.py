"""Stock decided by a read, and then written without a guard."""

import time

from sqlalchemy import text
from sqlmodel import Session

from api import cli
from oms.inventory import movements
from oms.inventory.models import MovementKind
from oms.inventory.movements import Change

THINKING_S = 0.005


def _update(session: Session, change: Change) -> bool:
    spot = {"sku": change.sku, "place": change.location_id}
    found = session.execute(
        text(
            "SELECT on_hand, reserved, safety FROM stock_balances"
            " WHERE sku = :sku AND location_id = :place"
        ),
        spot,
    ).one()
    on_hand, reserved = found.on_hand + change.on_hand, found.reserved + change.reserved
    kept_back = found.safety if change.kind is MovementKind.RESERVE else 0
    if reserved < 0 or reserved > on_hand - kept_back:
        return False
    time.sleep(THINKING_S)
    session.execute(
        text(
            "UPDATE stock_balances SET on_hand = :on_hand, reserved = :reserved"
            " WHERE sku = :sku AND location_id = :place"
        ),
        {**spot, "on_hand": on_hand, "reserved": reserved},
    )
    return True


movements._update = _update

if __name__ == "__main__":
    cli.main()
