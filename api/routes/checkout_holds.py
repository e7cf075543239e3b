"""Checkout holds: stock that is kept while a shopper pays."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session

from api.commanding import once
from api.deps import IdempotencyKey, ItemId, OrderReader, OrderWriter, SessionDep
from api.schemas.stock import CheckoutHoldIn, CheckoutHoldLineOut, CheckoutHoldOut, ExtendIn
from oms.access.models import CommandKind
from oms.inventory import checkout_holds
from oms.inventory.checkout_models import CheckoutHold
from oms.locations import queries as locations
from oms.ordering import checkout
from oms.ordering.checkout import Basket

router = APIRouter(prefix="/v1/holds", tags=["checkout holds"])


@router.post("", status_code=201)
def keep(
    body: CheckoutHoldIn, session: SessionDep, who: OrderWriter, key: IdempotencyKey
) -> CheckoutHoldOut:
    """Reserve a basket for some minutes at the location that would fulfil it.

    All of it is kept or none: 409 `out_of_stock` says what is lacking. Placing the order with
    `hold_id` takes over exactly these units; otherwise they are free again at `expires_at`.
    """

    def carry_out() -> dict[str, Any]:
        where = body.destination
        hold = checkout.keep(
            session,
            Basket(
                channel=body.channel,
                currency=body.currency,
                lines=tuple((line.sku, line.quantity) for line in body.lines),
                delivery=body.delivery,
                pickup_store=body.pickup_store,
                country=where.country if where else "",
                postcode=where.postcode if where else "",
                latitude=where.latitude if where else None,
                longitude=where.longitude if where else None,
                deliver_by=body.deliver_by,
            ),
            minutes=body.minutes,
            actor=who.actor,
        )
        return _document(session, hold)

    request = {"do": "hold", **body.model_dump(mode="json")}
    return CheckoutHoldOut.model_validate(
        once(session, CommandKind.STOCK, who, key, request, carry_out)
    )


@router.get("/{hold_id}")
def read(hold_id: ItemId, session: SessionDep, _who: OrderReader) -> CheckoutHoldOut:
    """A checkout hold as it is now."""
    return _out(session, checkout_holds.read(session, hold_id))


@router.post("/{hold_id}/extend")
def extend(
    hold_id: ItemId, body: ExtendIn, session: SessionDep, who: OrderWriter, key: IdempotencyKey
) -> CheckoutHoldOut:
    """Keep the units for so many minutes from now, once per idempotency key."""

    def carry_out() -> dict[str, Any]:
        hold = checkout.extend(session, hold_id, minutes=body.minutes, actor=who.actor)
        return _document(session, hold)

    request = {"do": "extend hold", "hold": str(hold_id), **body.model_dump()}
    return CheckoutHoldOut.model_validate(
        once(session, CommandKind.STOCK, who, key, request, carry_out)
    )


@router.post("/{hold_id}/release")
def release(
    hold_id: ItemId, session: SessionDep, who: OrderWriter, key: IdempotencyKey
) -> CheckoutHoldOut:
    """Let the units go: the shopper has left. Once; a hold that has ended is refused with 409."""

    def carry_out() -> dict[str, Any]:
        return _document(session, checkout_holds.release(session, hold_id, actor=who.actor))

    request = {"do": "release hold", "hold": str(hold_id)}
    return CheckoutHoldOut.model_validate(
        once(session, CommandKind.STOCK, who, key, request, carry_out)
    )


def _document(session: Session, hold: CheckoutHold) -> dict[str, Any]:
    return _out(session, hold).model_dump(mode="json")


def _out(session: Session, hold: CheckoutHold) -> CheckoutHoldOut:
    codes = locations.codes(session)
    return CheckoutHoldOut(
        hold_id=hold.id,
        channel=hold.channel,
        status=hold.status,
        expires_at=hold.expires_at,
        last_expiry=hold.last_expiry,
        order_id=hold.order_id,
        lines=[
            CheckoutHoldLineOut(
                sku=line.sku, quantity=line.quantity, location=codes[line.location_id]
            )
            for line in checkout_holds.lines(session, hold.id)
        ],
    )
