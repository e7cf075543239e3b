"""What the counter does with a pickup or with a customer at the car, whichever door asks for it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.curbside_json import visit_document, without_car
from api.schemas.curbside import HereIn, VisitSeenIn
from api.schemas.stores import PickupOut, SeenIn
from api.storework import once_at_store, wrong_code_error
from oms.access.signing_in import Caller
from oms.pickup import arrivals, calling_off, expiry, handover, queue, undoing
from oms.pickup.arrivals import Car
from oms.pickup.curbside_models import Arrival
from oms.pickup.handover import Shown, WrongCode
from oms.pickup.models import Rest

Visiting = Callable[..., Arrival]


def hand_over(
    session: Session,
    who: Caller,
    pickup_id: UUID,
    *,
    store: UUID,
    key: str,
    body: SeenIn,
    shown: Shown,
    taken: dict[str, int] | None,
    rest: Rest,
) -> dict[str, Any]:
    """Hand over all or a part; the pickup, or the error of a wrong proof."""
    do = partial(handover.hand_over, shown=shown, device_id=who.device_id, taken=taken, rest=rest)
    return _once(session, who, ("hand-over", pickup_id, body), do, store=store, key=key)


def undo(
    session: Session, who: Caller, pickup_id: UUID, *, store: UUID, key: str, body: SeenIn
) -> dict[str, Any]:
    """Take a hand-over back."""
    return _once(session, who, ("undo", pickup_id, body), undoing.undo, store=store, key=key)


def decline(
    session: Session, who: Caller, pickup_id: UUID, *, store: UUID, key: str, body: SeenIn
) -> dict[str, Any]:
    """The customer does not want what lies ready."""
    request = ("decline", pickup_id, body)
    return _once(session, who, request, calling_off.decline, store=store, key=key)


def put_back(
    session: Session,
    who: Caller,
    pickup_id: UUID,
    *,
    store: UUID,
    key: str,
    body: SeenIn,
    counted: dict[str, int] | None,
) -> dict[str, Any]:
    """The goods are on the sales shelf again."""
    do = partial(expiry.put_back, counted=counted)
    return _once(session, who, ("put-back", pickup_id, body), do, store=store, key=key)


def visit(
    session: Session,
    who: Caller,
    pickup_id: UUID,
    *,
    store: UUID,
    key: str,
    body: VisitSeenIn,
    does: Visiting,
) -> dict[str, Any]:
    """Take a visit, let it go, or say that nobody is there; `does` is that of `arrivals`."""

    def carry_out() -> dict[str, Any]:
        arrival = does(session, pickup_id, actor=who.actor, location_id=store, version=body.version)
        return visit_document(session, arrival)

    name = does.__name__.replace("_", "-")
    return once_at_store(session, who, key, (f"arrival {name}", pickup_id, body), carry_out)


def here(
    session: Session, who: Caller, pickup_id: UUID, *, store: UUID, key: str, body: HereIn
) -> dict[str, Any]:
    """The customer called, or is seen."""

    def carry_out() -> dict[str, Any]:
        car = Car(**body.model_dump())
        arrival = arrivals.here_by_staff(
            session, pickup_id, car, actor=who.actor, location_id=store
        )
        return visit_document(session, arrival)

    request = ("arrival here", pickup_id, without_car(body))
    return once_at_store(session, who, key, request, carry_out)


def document(session: Session, pickup_id: UUID, *, store: UUID) -> dict[str, Any]:
    """A pickup as its store sees it, after a command."""
    session.flush()
    item = queue.item(session, pickup_id, location_id=store)
    return PickupOut.model_validate(item).model_dump(mode="json")


def _once(
    session: Session,
    who: Caller,
    request: tuple[str, UUID, SeenIn],
    do: Callable[..., Any],
    *,
    store: UUID,
    key: str,
) -> dict[str, Any]:
    _, pickup_id, body = request

    def carry_out() -> dict[str, Any]:
        outcome = do(session, pickup_id, actor=who.actor, location_id=store, version=body.version)
        if isinstance(outcome, WrongCode):
            return wrong_code_error(outcome)
        return document(session, pickup_id, store=store)

    return once_at_store(session, who, key, request, carry_out)
