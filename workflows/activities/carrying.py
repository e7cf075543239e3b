"""Between the business and the carriers: translate, choose a service, name what went wrong."""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache

from temporalio.exceptions import ApplicationError

from carriers.base import Address, CarrierError, Parcel, Rate, Shipment
from carriers.manual.carrier import ManualConfig
from carriers.registry import CarriersConfig, Registry, build_registry
from carriers.simulated.config import SimulatedConfig
from oms import clock
from oms.fulfilments.parcels import ToShip
from oms.settings import settings
from oms.sourcing.policy import CarrierExclusion


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The carriers of this installation."""
    chosen = settings()
    production = chosen.environment == "production"
    simulated = SimulatedConfig(
        seed=chosen.carrier_seed.get_secret_value(),
        speed=chosen.simulated_carrier_speed,
        currency=chosen.carrier_currency,
        ledger=chosen.simulated_carrier_ledger,
    )
    return build_registry(
        CarriersConfig(
            production=production,
            simulated=None if production else simulated,
            manual=(
                ManualConfig(
                    price_minor=chosen.manual_carrier_minor, currency=chosen.carrier_currency
                ),
            ),
        )
    )


@contextmanager
def carrier_errors() -> Generator[None]:
    """Say of a carrier's refusal whether it is worth another try, and when."""
    try:
        yield
    except CarrierError as error:
        raise ApplicationError(
            f"{error.field}: {error}" if error.field else str(error),
            type=error.code,
            non_retryable=not error.retryable,
            next_retry_delay=timedelta(seconds=error.retry_after_s)
            if error.retry_after_s
            else None,
        ) from error


def shipment_of(one: ToShip) -> Shipment:
    """The parcel in the carriers' words. The reference finds the label again."""
    sender, recipient, parcel = one.sender, one.recipient, one.parcel
    return Shipment(
        reference=f"{one.fulfilment_number}-{parcel.number}",
        sender=Address(
            name=sender.name,
            street=sender.street,
            city=sender.city,
            region=sender.region,
            postcode=sender.postcode,
            country=sender.country,
            latitude=sender.latitude,
            longitude=sender.longitude,
        ),
        recipient=Address(
            name=recipient.name,
            company=recipient.company,
            street=recipient.street,
            street_2=recipient.street_2,
            city=recipient.city,
            region=recipient.region,
            postcode=recipient.postcode,
            country=recipient.country,
            phone=recipient.phone or one.customer_phone,
            latitude=recipient.latitude,
            longitude=recipient.longitude,
        ),
        parcel=Parcel(
            weight_g=parcel.weight_g,
            length_mm=parcel.length_mm,
            width_mm=parcel.width_mm,
            height_mm=parcel.height_mm,
        ),
        ship_on=clock.now().date(),
        value_minor=one.value_minor,
        currency=one.currency,
        notes=(f"Order {one.order_number}",),
        tracking_number=parcel.tracking_number or "",
    )


def cheapest(rates: list[Rate], excluded: Collection[CarrierExclusion] = ()) -> Rate:
    """The service to buy: the cheapest that is not excluded, and of equals the fastest."""
    if not rates:
        raise ApplicationError(
            "the carrier offers no service for this parcel", type="no_service", non_retryable=True
        )
    left = [rate for rate in rates if not any(_means(one, rate) for one in excluded)]
    if not left:
        why = "; ".join(dict.fromkeys(one.reason for one in excluded))
        raise ApplicationError(
            f"the routing policy excludes every service for this parcel: {why}",
            type="service_excluded",
            non_retryable=True,
        )
    return min(left, key=lambda rate: (rate.amount_minor, rate.transit_days, rate.service))


def _means(excluded: CarrierExclusion, rate: Rate) -> bool:
    return excluded.carrier == rate.carrier and excluded.service in (None, rate.service)
