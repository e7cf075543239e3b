"""Do what was decided about units of a pickup that are not where they should be.

What changes what was promised needs the customer's word, which the associate who asked for it
gives. The rest of the pickup goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import Invalid
from oms.fulfilments import order_status, shortening
from oms.fulfilments import states as fulfilment_states
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.fulfilments.short_models import ShortPick, ShortReason, WayOut
from oms.ordering import ship_to_store, ways_out
from oms.ordering.ways_out import Option
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.orders.queries import require_version
from oms.pickup import claiming, queries, states
from oms.pickup.models import Pickup, PickupStatus


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about units that were not there. `agreed`: the customer was asked."""

    sku: str
    units: int
    reason: ShortReason
    way: WayOut
    from_location: str = ""
    bin: str = ""
    """The bin in which they were not found, as it was shown."""
    agreed: bool = False


def settle(
    session: Session,
    pickup_id: UUID,
    decision: Decision,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Pickup:
    """Do what was decided about units that are not there.

    Raises `Invalid` without the customer's word where it is needed, and `Conflict` for a way that
    is not open (any more). When nothing of the pickup is left to be picked, it ends.
    """
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    claiming.require(pickup, actor=actor)
    _require_word(decision)
    order = session.get_one(Order, pickup.order_id)
    cuts = ways_out.lacking(session, fulfilment, decision.sku, decision.units)
    option = ways_out.offered(
        session,
        order,
        fulfilment,
        cuts,
        way=decision.way,
        sku=decision.sku,
        from_location=decision.from_location,
    )
    transfer_id = None
    rest = True
    if decision.way is not WayOut.OTHER_BIN:
        rest = shortening.take_out(
            session,
            fulfilment,
            cuts,
            into="cancelled" if decision.way is WayOut.CANCEL else "backordered",
            actor=actor,
            reason=decision.reason,
        )
    if option.from_location is not None and option.expected_at is not None:
        transfer_id = ship_to_store.ask(
            session,
            order.id,
            from_location_id=option.from_location.id,
            expected_at=option.expected_at,
            actor=actor,
        ).id
    _write_down(session, fulfilment, cuts, decision, option, transfer_id, actor=actor)
    _tell(session, order, pickup, fulfilment, decision, rest=rest, actor=actor)
    return pickup


def _require_word(decision: Decision) -> None:
    if decision.way in ways_out.ASKS_THE_CUSTOMER and not decision.agreed:
        raise Invalid(
            "the customer was promised these units and must be asked first",
            field="agreed",
            remedy="call them; if they agree, say so, and otherwise cancel the units",
        )


def _write_down(
    session: Session,
    fulfilment: Fulfilment,
    cuts: Mapping[UUID, int],
    decision: Decision,
    option: Option,
    transfer_id: UUID | None,
    *,
    actor: str,
) -> None:
    session.add_all(
        ShortPick(
            fulfilment_id=fulfilment.id,
            line_id=line_id,
            sku=decision.sku,
            units=units,
            reason=decision.reason,
            way=decision.way,
            bin=decision.bin,
            expected_at=option.expected_at,
            transfer_id=transfer_id,
            agreed_by=actor if decision.agreed else None,
            at=clock.now(),
            actor=actor,
        )
        for line_id, units in cuts.items()
    )
    session.flush()


def _tell(
    session: Session,
    order: Order,
    pickup: Pickup,
    fulfilment: Fulfilment,
    decision: Decision,
    *,
    rest: bool,
    actor: str,
) -> None:
    facts = {
        "sku": decision.sku,
        "units": decision.units,
        "reason": decision.reason.value,
        "way": decision.way.value,
        "agreed": decision.agreed,
    }
    states.touched(session, pickup, action="pickup.short_picked", actor=actor, facts=facts)
    if not rest:
        fulfilment_states.move(session, fulfilment, FulfilmentStatus.CANCELLED, actor=actor)
        states.move(session, pickup, PickupStatus.CANCELLED, actor=actor, facts={"short": True})
    session.flush()
    lines = orders.lines(session, order.id)
    over = not any(order_lines.open_units(line) or line.fulfilled for line in lines)
    event = "order.cancelled_here" if over else "order.short_picked"
    order_status.refresh(session, order.id, event=event)
