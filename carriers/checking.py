"""What every real carrier wants of a shipment, said before it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from carriers.base import (
    Address,
    CarrierError,
    InvalidParcel,
    Parcel,
    Rate,
    RateSource,
    Refused,
    Shipment,
    require_text,
)

CUSTOMS_UNION: Final = frozenset(
    ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE")
) | frozenset(("IT", "LT", "LU", "LV", "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"))
"""Within it parcels need no customs papers (European Union with Monaco)."""
_HS_DIGITS: Final = range(6, 13)


class InvalidCustoms(CarrierError):
    """Customs would not let it pass as it is declared."""

    code = "invalid_customs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that a service carries; 0 is no limit. Girth is twice the two shorter sides."""

    weight_g: int
    side_mm: int = 0
    length_and_girth_mm: int = 0


def require_carriable(shipment: Shipment) -> None:
    """Raise an error that names the field for a shipment that no carrier would take."""
    require_text(shipment.recipient, whose="recipient")
    require_text(shipment.sender, whose="sender")
    parcel = shipment.parcel
    if parcel.weight_g <= 0:
        raise InvalidParcel(f"{parcel.weight_g} g is no weight", field="parcel.weight_g")
    for side in ("length_mm", "width_mm", "height_mm"):
        if getattr(parcel, side) < 0:
            raise InvalidParcel(f"{getattr(parcel, side)} mm is no measure", field=f"parcel.{side}")
    if crosses_customs(shipment.sender, shipment.recipient):
        _require_customs(shipment)


def crosses_customs(sender: Address, recipient: Address) -> bool:
    """Whether a parcel between the two needs customs papers."""
    if sender.country == recipient.country:
        return False
    return not {sender.country, recipient.country} <= CUSTOMS_UNION


def exceeds(parcel: Parcel, limit: Limit) -> str:
    """How a parcel exceeds a service's limit; empty if it does not."""
    if limit.weight_g and parcel.weight_g > limit.weight_g:
        return f"{parcel.weight_g} g is more than {limit.weight_g} g"
    low, middle, longest = sorted((parcel.length_mm, parcel.width_mm, parcel.height_mm))
    if limit.side_mm and longest > limit.side_mm:
        return f"{longest} mm is longer than {limit.side_mm} mm"
    around = longest + 2 * (middle + low)
    if limit.length_and_girth_mm and around > limit.length_and_girth_mm:
        return f"length and girth of {around} mm are more than {limit.length_and_girth_mm} mm"
    return ""


def within_limits(
    rates: list[Rate], parcel: Parcel, limits: Mapping[str, Limit], *, default: Limit
) -> list[Rate]:
    """The rates whose service takes the parcel, cheapest first.

    `limits` is by the whole name of a service or by its part before the slash. Raises `Refused`
    (`too_large`) if there were rates and none is left.
    """
    faults: list[str] = []
    kept: list[Rate] = []
    for rate in rates:
        limit = limits.get(rate.service) or limits.get(rate.service.partition("/")[0]) or default
        if fault := exceeds(parcel, limit):
            faults.append(f"{rate.service}: {fault}")
        else:
            kept.append(rate)
    if faults and not kept:
        raise Refused("; ".join(faults[:3]), code="too_large", field="parcel")
    return sorted(kept, key=lambda rate: (rate.amount_minor, rate.service))


def chosen(rates: list[Rate], wanted: Rate, *, carrier: str) -> Rate:
    """The rate of the service that is wanted. Raises `Refused` if it is not among the rates."""
    for rate in rates:
        if (wanted.carrier, wanted.service) == (carrier, rate.service):
            return rate
    raise Refused(
        f"{wanted.carrier} {wanted.service} is not offered for this parcel; {carrier} offers"
        f" {', '.join(rate.service for rate in rates) or 'nothing'}",
        code="unknown_service",
    )


def by_contract(wanted: Rate, *, carrier: str) -> bool:
    """Whether the rate is of our own sheet, so that the carrier is asked for no price again."""
    return wanted.source is RateSource.SHEET and wanted.carrier == carrier


def _require_customs(shipment: Shipment) -> None:
    if not shipment.customs:
        raise InvalidCustoms(
            f"a parcel from {shipment.sender.country} to {shipment.recipient.country} needs its"
            " articles with tariff number and origin; complete them in the catalogue",
            field="customs",
        )
    for at, line in enumerate(shipment.customs):
        if not line.description.strip():
            raise InvalidCustoms("an article has no description", field=f"customs.{at}.description")
        if line.quantity <= 0 or line.weight_g <= 0 or line.value_minor < 0:
            raise InvalidCustoms(
                f"{line.sku or line.description}: quantity, weight and value must be above zero",
                field=f"customs.{at}",
            )
        if not (line.hs_code.isascii() and line.hs_code.isdigit()) or (
            len(line.hs_code) not in _HS_DIGITS
        ):
            raise InvalidCustoms(
                f"{line.sku or line.description}: tariff number {line.hs_code!r} is not 6 to 12"
                " digits",
                field=f"customs.{at}.hs_code",
            )
        if not (len(line.origin) == 2 and line.origin.isascii() and line.origin.isupper()):
            raise InvalidCustoms(
                f"{line.sku or line.description}: origin {line.origin!r} is no country such as US",
                field=f"customs.{at}.origin",
            )
