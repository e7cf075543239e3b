"""Keep stock for a basket where its order would be filled from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import Invalid
from oms.ids import new_id
from oms.inventory import checkout_holds
from oms.inventory.checkout_holds import Kept
from oms.inventory.checkout_models import CheckoutHold
from oms.locations import queries as locations
from oms.ordering import pickup_stores, placing
from oms.orders.models import Delivery
from oms.settings import settings
from oms.sourcing import holding, locating, policies, problems, tariffs
from oms.sourcing.policy import Policy, service_of
from oms.sourcing.problems import Wish, WishLine


@dataclass(frozen=True, slots=True)
class Basket:
    """What a shopper is about to order. `lines` is (channel's SKU, units), line by line."""

    channel: str
    currency: str
    lines: tuple[tuple[str, int], ...]
    delivery: Delivery = Delivery.SHIP
    pickup_store: str | None = None
    country: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    deliver_by: datetime | None = None


def keep(
    session: Session, basket: Basket, *, actor: str, minutes: int | None = None
) -> CheckoutHold:
    """Reserve a basket whole, for some minutes, by the routing that its order will meet.

    Raises `OutOfStock`, `UnknownSku`, `UnknownPickupStore` or `Invalid`; then nothing is kept.
    """
    expires_at = _until(minutes)
    placing.require_lines([units for _, units in basket.lines])
    skus = placing.resolve_skus(
        session, channel=basket.channel, channel_skus={sku for sku, _ in basket.lines}
    )
    policy = policies.current(session).policy
    wish = _wish(session, basket, skus, policy)

    def attempt() -> CheckoutHold | Mapping[str, int]:
        found = _locate(session, wish, policy)
        if not isinstance(found, list):
            return found
        return checkout_holds.open_hold(
            session,
            found,
            channel=basket.channel,
            expires_at=expires_at,
            last_expiry=clock.now() + timedelta(minutes=settings().checkout_hold_most_minutes),
            actor=actor,
        )

    outcome = holding.secure(
        session,
        set(skus.values()),
        attempt,
        lacking=lambda outcome: not isinstance(outcome, CheckoutHold),
    )
    if not isinstance(outcome, CheckoutHold):
        raise placing.OutOfStock(
            "not enough stock for " + ", ".join(f"{sku} ({n})" for sku, n in outcome.items()),
            field="lines.quantity",
            remedy="offer less, another store, or a later delivery",
            facts={"skus": dict(outcome)},
        )
    return outcome


def extend(session: Session, hold_id: UUID, *, minutes: int | None, actor: str) -> CheckoutHold:
    """Keep the units for so many minutes from now; never for less than they are kept already."""
    return checkout_holds.extend(session, hold_id, until=_until(minutes), actor=actor)


def _until(minutes: int | None) -> datetime:
    wanted = settings().checkout_hold_minutes if minutes is None else minutes
    most = settings().checkout_hold_most_minutes
    if not 0 < wanted <= most:
        raise Invalid(
            f"{wanted} minutes is not between 1 and {most}",
            field="minutes",
            remedy="ask for less time, and extend the hold if the customer needs longer",
        )
    return clock.now() + timedelta(minutes=wanted)


def _wish(session: Session, basket: Basket, skus: Mapping[str, str], policy: Policy) -> Wish:
    store = (
        pickup_stores.pickup_store(session, basket.pickup_store)
        if basket.delivery is Delivery.PICKUP
        else None
    )
    where, _ = locating.whereabouts(
        session,
        locations.active(session),
        country=basket.country,
        postcode=basket.postcode,
        latitude=store.latitude if store else basket.latitude,
        longitude=store.longitude if store else basket.longitude,
    )
    now = clock.now()
    promise_by = placing.promise(session, placed_at=now, deliver_by=basket.deliver_by, store=store)
    return Wish(
        id=str(new_id()),
        channel=basket.channel,
        currency=basket.currency,
        promise_by=promise_by,
        lines=tuple(
            WishLine(str(number), skus[sku], units)
            for number, (sku, units) in enumerate(basket.lines, start=1)
        ),
        delivery=basket.delivery,
        service=service_of(policy, delivery=basket.delivery, placed_at=now, promise_by=promise_by),
        pickup_location_id=store.id if store else None,
        where=where,
    )


def _locate(session: Session, wish: Wish, policy: Policy) -> list[Kept] | Mapping[str, int]:
    """Where each line would come from, or what of it nobody has, in units by SKU."""
    places = locations.active(session)
    ids = {place.code: place.id for place in places}
    sheet = tariffs.current(session, currency=wish.currency)
    plan = holding.best_plan(
        problems.problem(session, wish, places=places, tariff=sheet, policy=policy).problem,
        late_days=policy.limits.late_days,
        late_cents_per_day=policy.weights.lateness_cents_per_day,
    )
    lines = {line.id: line for line in wish.lines}
    if plan.unfilled:
        missing: dict[str, int] = {}
        for line in (lines[line_id] for line_id in plan.unfilled):
            missing[line.sku] = missing.get(line.sku, 0) + line.units
        return missing
    return [
        Kept(lines[line_id].sku, ids[parcel.location], lines[line_id].units)
        for parcel in plan.parcels
        for line_id in parcel.lines
    ]
