"""Hand-over at the car: a store's set-up, arrivals and slots, and what a customer's app says."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from api import counterwork
from api.curbside_json import booking_document, set_up_of, visit_document
from api.deps import (
    IdempotencyKey,
    ItemId,
    ManagedStoreDep,
    OrderReader,
    OrderWriter,
    SessionDep,
    StoreDep,
    StoreManager,
    StoreWorker,
)
from api.schemas.curbside import (
    ArrivalOut,
    BookedOut,
    CurbsideSetUp,
    HereIn,
    OnMyWayIn,
    SlotIn,
    SlotOut,
    ToCustomerOut,
    VisitOut,
    VisitSeenIn,
)
from oms.locations import queries as locations
from oms.pickup import arrivals, curbside, desk, showing, slots
from oms.pickup.arrivals import Car

router = APIRouter(tags=["curbside"])

Token = Annotated[str, Path(max_length=64)]


@router.get("/v1/stores/{code}/curbside")
def read_set_up(session: SessionDep, store: StoreDep) -> CurbsideSetUp:
    """The store's bays, in the sequence in which they are given out, and its slots."""
    found = curbside.of_store(session, store.id)
    return CurbsideSetUp(
        bays=list(found.bays), slot_minutes=found.slot_minutes, slot_capacity=found.slot_capacity
    )


@router.put("/v1/stores/{code}/curbside")
def set_up(
    body: CurbsideSetUp, session: SessionDep, store: ManagedStoreDep, who: StoreManager
) -> CurbsideSetUp:
    """Make this the store's set-up; the same again changes nothing."""
    curbside.set_up(session, store, set_up_of(body), actor=who.actor)
    return body


@router.get("/v1/stores/{code}/arrivals")
def read_arrivals(session: SessionDep, store: StoreDep) -> list[VisitOut]:
    """Customers at the car and on the way: whom nobody has taken first, then the longest here."""
    return [VisitOut.model_validate(row) for row in desk.visits(session, location_id=store.id)]


@router.post("/v1/stores/{code}/pickups/{pickup_id}/arrival/here")
def here_by_staff(
    pickup_id: ItemId,
    body: HereIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> ArrivalOut:
    """The customer called, or is seen: the clock runs from now on."""
    answer = counterwork.here(session, who, pickup_id, store=store.id, key=key, body=body)
    return ArrivalOut.model_validate(answer)


@router.post("/v1/stores/{code}/pickups/{pickup_id}/arrival/take")
def take(
    pickup_id: ItemId,
    body: VisitSeenIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> ArrivalOut:
    """Go to the car; the alarm ends for everybody. Hand over as at the counter."""
    answer = counterwork.visit(
        session, who, pickup_id, store=store.id, key=key, body=body, does=arrivals.take
    )
    return ArrivalOut.model_validate(answer)


@router.post("/v1/stores/{code}/pickups/{pickup_id}/arrival/let-go")
def let_go(
    pickup_id: ItemId,
    body: VisitSeenIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> ArrivalOut:
    """Leave it to somebody else; the alarm starts again."""
    answer = counterwork.visit(
        session, who, pickup_id, store=store.id, key=key, body=body, does=arrivals.let_go
    )
    return ArrivalOut.model_validate(answer)


@router.post("/v1/stores/{code}/pickups/{pickup_id}/arrival/gone")
def gone(
    pickup_id: ItemId,
    body: VisitSeenIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> ArrivalOut:
    """Nobody is there any more; the pickup waits on."""
    answer = counterwork.visit(
        session, who, pickup_id, store=store.id, key=key, body=body, does=arrivals.gone
    )
    return ArrivalOut.model_validate(answer)


@router.get("/v1/stores/{code}/slots")
def read_slots(
    code: str,
    session: SessionDep,
    _who: OrderReader,
    since: Annotated[
        AwareDatetime | None, Query(description="From when on; now if left out.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=slots.MOST_SHOWN)] = 20,
) -> list[SlotOut]:
    """The store's next slots, full ones included; none where customers come when they like."""
    store = locations.by_code(session, code)
    found = slots.offered(session, store, since=since, limit=limit)
    return [SlotOut.model_validate(slot) for slot in found]


@router.get("/v1/orders/{order_id}/slot")
def read_slot(order_id: ItemId, session: SessionDep, _who: OrderReader) -> BookedOut:
    """The slot that an order has."""
    return booking_document(slots.of_order(session, order_id), order_id)


@router.put("/v1/orders/{order_id}/slot")
def reserve_slot(
    order_id: ItemId, body: SlotIn, session: SessionDep, who: OrderWriter
) -> BookedOut:
    """Give the order this slot in place of the one it has; the same again changes nothing.

    409 `slot_full` names the next free ones in `facts.next_free`, and the order keeps its slot.
    """
    row = slots.reserve(session, order_id, starts_at=body.starts_at, actor=who.actor)
    return booking_document(row, order_id)


@router.delete("/v1/orders/{order_id}/slot", status_code=204)
def release_slot(order_id: ItemId, session: SessionDep, who: OrderWriter) -> None:
    """Give the slot back; the order is promised for what it was without."""
    slots.release(session, order_id, actor=who.actor)


@router.get("/v1/collect/{token}")
def to_customer(token: Token, session: SessionDep, _who: OrderReader) -> ToCustomerOut:
    """What the customer's own page shows, for the shop's app: by the token of their link."""
    shown = showing.to_customer(session, token)
    return ToCustomerOut(
        order_number=shown.order_number,
        status=shown.status,
        store=shown.store.name,
        at_the_car=shown.store.can_curbside,
        pick_up_by=shown.pick_up_by,
        visit=shown.visit.status if shown.visit else None,
        expected_at=shown.visit.expected_at if shown.visit else None,
        bay=shown.visit.bay if shown.visit else "",
        free_bays=shown.bays,
        slot=SlotOut.model_validate(shown.slot) if shown.slot else None,
        free_slots=tuple(SlotOut.model_validate(slot) for slot in shown.slots),
    )


@router.post("/v1/collect/{token}/on-my-way")
def on_my_way(token: Token, body: OnMyWayIn, session: SessionDep, who: OrderWriter) -> ArrivalOut:
    """The customer sets out. Said again it is moved, so it needs no idempotency key."""
    arrival = arrivals.on_my_way(session, token, minutes=body.minutes, actor=who.actor)
    return ArrivalOut.model_validate(visit_document(session, arrival))


@router.post("/v1/collect/{token}/here")
def here(token: Token, body: HereIn, session: SessionDep, who: OrderWriter) -> ArrivalOut:
    """The customer is at the store; the clock runs from the first time it is said.

    A bay that another car has is refused with 409, and `facts.free` names those that are free.
    """
    arrival = arrivals.here(session, token, Car(**body.model_dump()), actor=who.actor)
    return ArrivalOut.model_validate(visit_document(session, arrival))
