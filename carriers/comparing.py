"""Compare what several carriers ask for one parcel, choose, and say why.

The cheapest service that arrives in time is taken, of equals the faster one; if none arrives in
time, the cheapest of all. A carrier without a
live price stands in the comparison with its rate sheet. What was left out is kept with its reason.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from carriers.base import Carrier, CarrierError, Rate, RateSource, Refused, Shipment
from carriers.sheet import RateSheet

Exclusion = tuple[str, str | None, str]
"""A carrier and one of its services, or all of them, that must not be used; and why."""

_AT_ONCE: Final = 8
_UNKNOWN_DAYS: Final = 99


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An offer, or a whole carrier if `service` is empty, that was not considered."""

    carrier: str
    service: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All offers, best first, the reason for the first, and what was left out."""

    offers: tuple[Rate, ...]
    why: str
    left_out: tuple[LeftOut, ...]

    @property
    def chosen(self) -> Rate:
        """The offer to take."""
        return self.offers[0]

    def document(self) -> dict[str, Any]:
        """The comparison as the audit trail keeps it."""
        return {
            "chosen": _document(self.chosen),
            "why": self.why,
            "others": [_document(rate) for rate in self.offers[1:]],
            "left_out": [
                {"carrier": one.carrier, "service": one.service, "reason": one.reason}
                for one in self.left_out
            ],
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    carrier: str
    rates: tuple[Rate, ...] = ()
    error: CarrierError | None = None


def compare(
    carriers: Sequence[Carrier],
    shipment: Shipment,
    *,
    currency: str,
    deliver_by: date | None = None,
    sheets: Mapping[str, RateSheet] | None = None,
    excluded: Sequence[Exclusion] = (),
) -> Comparison:
    """Ask all carriers at the same time and rank their offers in one currency.

    A carrier that fails is left out with its reason, and so is what is excluded. Raises its error
    if no other offers anything; one that may pass comes first, so that the caller tries again.
    """
    with ThreadPoolExecutor(min(_AT_ONCE, len(carriers))) as threads:
        asked = list(threads.map(lambda carrier: _ask(carrier, shipment), carriers))
    rates: list[Rate] = []
    left_out: list[LeftOut] = []
    for answer in asked:
        sheet = (sheets or {}).get(answer.carrier)
        found = answer.rates or (tuple(sheet.rates(shipment)) if sheet else ())
        rates += found
        if answer.error is not None:
            instead = "; its rate sheet stands in" if found else ""
            left_out.append(LeftOut(answer.carrier, "", f"{answer.error}{instead}"))
        elif not found:
            left_out.append(LeftOut(answer.carrier, "", "it offers no service for this parcel"))
    barred = [(rate, why) for rate in rates if (why := _barred(rate, excluded))]
    left_out += [LeftOut(rate.carrier, rate.service, why) for rate, why in barred]
    rates = [rate for rate in rates if not _barred(rate, excluded)]
    priced = [rate for rate in rates if rate.currency == currency]
    left_out += [
        LeftOut(rate.carrier, rate.service, f"priced in {rate.currency}, compared in {currency}")
        for rate in rates
        if rate.currency != currency
    ]
    if barred and not rates:
        reasons = "; ".join(dict.fromkeys(why for _, why in barred))
        raise Refused(
            f"the routing policy excludes every service for this parcel: {reasons}",
            code="service_excluded",
        )
    if not priced:
        raise _nothing(asked, left_out)
    return _ranked(priced, left_out, deliver_by=deliver_by)


def _barred(rate: Rate, excluded: Sequence[Exclusion]) -> str | None:
    """Why this offer must not be taken, if it must not."""
    return next(
        (
            reason
            for carrier, service, reason in excluded
            if carrier == rate.carrier and service in (None, rate.service)
        ),
        None,
    )


def _ask(carrier: Carrier, shipment: Shipment) -> _Asked:
    try:
        return _Asked(carrier.code, tuple(carrier.rate(shipment)))
    except CarrierError as error:
        return _Asked(carrier.code, error=error)


def _ranked(rates: list[Rate], left_out: list[LeftOut], *, deliver_by: date | None) -> Comparison:
    timely = [rate for rate in rates if _in_time(rate, deliver_by)]
    offers = sorted(
        timely or rates,
        key=lambda rate: (rate.amount_minor, _days(rate), rate.carrier, rate.service),
    )
    if not timely:  # money does not buy the promise back
        why = f"no service arrives by {deliver_by}; {_why(offers, [], None)}"
        return Comparison(tuple(offers), why, tuple(left_out))
    late = [rate for rate in rates if not _in_time(rate, deliver_by)]
    left_out = left_out + [
        LeftOut(rate.carrier, rate.service, f"arrives {rate.delivery_on}, after {deliver_by}")
        for rate in late
    ]
    return Comparison(tuple(offers), _why(offers, late, deliver_by), tuple(left_out))


def _why(offers: list[Rate], late: list[Rate], deliver_by: date | None) -> str:
    best, *others = offers
    in_time = f" that arrives by {deliver_by}" if deliver_by and late else ""
    if not others:
        return f"the only service{in_time}"
    second = others[0]
    if second.amount_minor == best.amount_minor:
        return f"as cheap as {second.carrier} {second.service}{in_time}, and not slower"
    spared = second.amount_minor - best.amount_minor
    source = " by its rate sheet" if best.source is RateSource.SHEET else ""
    return (
        f"the cheapest{source}{in_time}: {spared} minor units below"
        f" {second.carrier} {second.service}"
    )


def _nothing(asked: list[_Asked], left_out: list[LeftOut]) -> CarrierError:
    errors = [answer.error for answer in asked if answer.error is not None]
    errors.sort(key=lambda error: not error.retryable)
    if errors and (errors[0].retryable or len(errors) == len(asked)):
        return errors[0]
    reasons = "; ".join(f"{one.carrier} {one.service}: {one.reason}" for one in left_out[:5])
    return Refused(f"no carrier offers a service for this parcel: {reasons}", code="no_service")


def _in_time(rate: Rate, deliver_by: date | None) -> bool:
    return deliver_by is None or rate.delivery_on is None or rate.delivery_on <= deliver_by


def _days(rate: Rate) -> int:
    return _UNKNOWN_DAYS if rate.transit_days is None else rate.transit_days


def _document(rate: Rate) -> dict[str, Any]:
    return {
        "carrier": rate.carrier,
        "service": rate.service,
        "amount_minor": rate.amount_minor,
        "currency": rate.currency,
        "delivery_on": rate.delivery_on.isoformat() if rate.delivery_on else None,
        "source": rate.source.value,
    }
