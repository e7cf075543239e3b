"""What a shopper asks a promise for, and what routing must know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from sqlmodel import Session

import routing.problem as routing
from oms import clock
from oms.capture.network import View
from oms.catalogue import queries as catalogue
from oms.catalogue.models import Product
from oms.errors import Invalid
from oms.inventory import spread
from oms.locations import geography
from oms.ordering.placing import MOST_UNITS, UnknownSku
from oms.sourcing import policy as policy_rules
from oms.sourcing.locating import BY_AREA, FROM_MIDDLE
from oms.sourcing.policy import Policy, Service
from routing.exact import EXACT_LINES
from routing.network import Network, Supply

MOST_LINES: Final = EXACT_LINES
"""Articles in one question; so many are routed exactly."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What somebody would like to have, and where. `lines` are (SKU, units)."""

    lines: tuple[tuple[str, int], ...]
    channel: str | None = None
    """Its own SKUs are understood, and its own stock rules count."""
    country: str | None = None
    postcode: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """A basket in the terms of routing, with the network and the stock as they are now."""

    view: View
    policy: Policy
    channel: str | None
    categories: frozenset[str]
    network: Network
    supply: Supply
    """With the capacity to ship; see `handing_over`."""
    currency: str
    lines: tuple[routing.Line, ...]
    """Their ids are the SKUs as they were asked for."""
    where: tuple[float, float]
    placed: bool
    """Whether `where` is known at all, and not the middle of the network."""
    releases_at: datetime | None
    """The latest release of an article that is not sold yet."""
    assumptions: tuple[str, ...]

    @property
    def handing_over(self) -> Supply:
        """The same stock, with the capacity to hand over."""
        return Supply(self.supply.row, self.supply.units, self.view.pickup_left)

    def order(self, *, promise_days: int | None = None, at: str | None = None) -> routing.Order:
        """The order that the basket would be, collected `at` a store or sent; soon or late."""
        limits = self.policy.limits
        return routing.Order(
            id="",
            lat=self.where[0],
            lon=self.where[1],
            promise_days=limits.late_days if promise_days is None else promise_days,
            max_parcels=limits.max_parcels,
            lines=self.lines,
            pickup_at=None if at is None else (at,),
            excluded=self._excluded(pickup=at is not None),
        )

    def _excluded(self, *, pickup: bool) -> Mapping[str, str]:
        """Locations ruled out by the policy: whether a delivery is express is not known yet."""
        services = (Service.PICKUP,) if pickup else (Service.STANDARD, Service.EXPRESS)
        return {
            code: reason
            for service in services
            for code, reason in policy_rules.excluded(
                self.policy,
                channel=self.channel,
                service=service,
                categories=self.categories,
            ).items()
            if code in self.view.by_code
        }


def lines(skus: Sequence[str], quantities: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """The lines of a basket from what a caller lists; one unit of each without quantities."""
    if quantities and len(quantities) != len(skus):
        raise Invalid(
            f"there are {len(quantities)} quantities for {len(skus)} articles",
            field="qty",
            remedy="give one qty for each sku, in the same sequence, or none at all",
        )
    return tuple(zip(skus, quantities or [1] * len(skus), strict=True))


def state(session: Session, basket: Basket, view: View) -> Stated:
    """Look the basket up. Raises `Invalid` or `UnknownSku` for what no answer can be given to."""
    _check(basket)
    skus, products = _articles(session, basket)
    currency = _currency(basket, view)
    network = view.under(currency, now=clock.now())
    if network is None:
        raise Invalid(
            f"there is no tariff sheet in {currency}",
            field="currency",
            remedy=f"name one of {', '.join(sorted(view.tariffs)) or 'none: load one first'}",
        )
    where, placed, assumptions = _where(session, basket, view)
    policy = view.policy(now=clock.now())
    released = [product.releases_at for product in products.values() if product.releases_at]
    return Stated(
        view=view,
        policy=policy,
        channel=basket.channel,
        categories=frozenset(product.category for product in products.values()),
        network=network,
        supply=_supply(session, view, list(products), channel=basket.channel),
        currency=currency,
        lines=tuple(
            routing.Line(
                id=asked,
                sku=skus[asked],
                units=units,
                weight_g=min(products[skus[asked]].weight_g * units, routing.MOST_GRAMS),
                unfilled_cents=policy_rules.unfilled_cents(policy, units=units),
            )
            for asked, units in basket.lines
        ),
        where=where,
        placed=placed,
        releases_at=max((at for at in released if at > clock.now()), default=None),
        assumptions=assumptions,
    )


def _check(basket: Basket) -> None:
    if not 0 < len(basket.lines) <= MOST_LINES:
        raise Invalid(
            f"{len(basket.lines)} articles are asked for, not 1 to {MOST_LINES}",
            field="sku",
            remedy="ask for less at once",
        )
    seen: set[str] = set()
    for sku, units in basket.lines:
        if sku in seen:
            raise Invalid(
                f"{sku} is there twice", field="sku", remedy="name it once, with all its units"
            )
        seen.add(sku)
        if not 0 < units <= MOST_UNITS:
            raise Invalid(
                f"quantity {units} of {sku} is not between 1 and {MOST_UNITS}",
                field="qty",
                remedy="ask for a whole number of units above zero",
            )
    if (basket.latitude is None) != (basket.longitude is None):
        raise Invalid(
            "latitude and longitude come together",
            field="longitude" if basket.longitude is None else "latitude",
            remedy="give both, or a postcode",
        )
    if basket.latitude is None and not (basket.postcode or "").strip():
        raise Invalid(
            "it is not said where the goods are to go",
            field="postcode",
            remedy="give a postcode, or latitude and longitude",
        )


def _articles(session: Session, basket: Basket) -> tuple[Mapping[str, str], Mapping[str, Product]]:
    """Our SKU for each that was asked for, and the products of these."""
    asked = {sku for sku, _ in basket.lines}
    known: Mapping[str, str] = (
        {sku: sku for sku in asked}
        if basket.channel is None
        else catalogue.skus_of_channel(session, channel=basket.channel, channel_skus=asked)
    )
    products = catalogue.products(session, set(known.values()))
    unknown = sorted(sku for sku in asked if known.get(sku) not in products)
    if unknown:
        raise UnknownSku(
            f"not in the catalogue: {', '.join(unknown)}",
            field="sku",
            remedy="use SKUs of the catalogue or, with channel, those that it lists",
            facts={"skus": unknown},
        )
    return known, products


def _currency(basket: Basket, view: View) -> str:
    if basket.currency is not None:
        return basket.currency
    if len(view.tariffs) == 1:
        return next(iter(view.tariffs))
    raise Invalid(
        "there are tariff sheets in several currencies" if view.tariffs else "no tariff is loaded",
        field="currency",
        remedy=f"name one of {', '.join(sorted(view.tariffs))}"
        if view.tariffs
        else "load one with `oms tariff load FILE`",
    )


def _where(
    session: Session, basket: Basket, view: View
) -> tuple[tuple[float, float], bool, tuple[str, ...]]:
    """Coordinates, whether they are more than a guess, and what had to be assumed."""
    if basket.latitude is not None and basket.longitude is not None:
        return (basket.latitude, basket.longitude), True, ()
    country, postcode = basket.country or _only_country(view), basket.postcode or ""
    found = geography.find(session, country=country, postcode=postcode)
    if found is None:
        return view.middle, False, (FROM_MIDDLE,)
    assumed = (BY_AREA.format(area=found.area),) if found.area else ()
    return (found.latitude, found.longitude), True, assumed


def _only_country(view: View) -> str:
    countries = {place.country for place in view.places}
    if len(countries) == 1:
        return countries.pop()
    raise Invalid(
        "it is not said in which country the postcode lies",
        field="country",
        remedy=f"name one, such as {' or '.join(sorted(countries)[:5]) or 'US'}",
    )


def _supply(session: Session, view: View, skus: Sequence[str], *, channel: str | None) -> Supply:
    row = {sku: number for number, sku in enumerate(skus)}
    units = np.zeros((len(row) + 1, len(view.places)), dtype=np.int32)
    for sku, found in spread.promisable(session, skus, channel=channel).items():
        at, known = view.positions(found.at)
        units[row[sku], at] = found.units[known]
    return Supply(row, units, view.shipping_left)
