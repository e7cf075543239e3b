"""What the parts of a network file must say together: no doubles, no overlaps, a sound tariff."""

from collections.abc import Hashable, Iterable, Iterator
from itertools import pairwise

from oms.faults import Fault
from oms.network.schema import WEEK, Hours, Location, NetworkFile, TariffSheet
from routing.parse import parse_tariff
from routing.reading import ProblemFault


def faults(network: NetworkFile) -> Iterator[Fault]:
    """Everything that the schema alone does not see."""
    yield from _doubles(network)
    for at, location in enumerate(network.locations):
        yield from _location(location, place=f"locations[{at}]")
    if network.tariff is not None:
        yield from _tariff(network.tariff)


def _doubles(network: NetworkFile) -> Iterator[Fault]:
    yield from _repeated(
        (f"products[{at}].sku", one.sku, one.sku) for at, one in enumerate(network.products)
    )
    yield from _repeated(
        (f"products[{at}].barcodes[{number}]", code, code)
        for at, product in enumerate(network.products)
        for number, code in enumerate(product.barcodes)
    )
    yield from _repeated(
        (
            f"listings[{at}].channel_sku",
            (one.channel, one.channel_sku),
            f"{one.channel_sku} on {one.channel}",
        )
        for at, one in enumerate(network.listings)
    )
    yield from _repeated(
        (f"locations[{at}].code", one.code, one.code) for at, one in enumerate(network.locations)
    )
    yield from _repeated(
        (f"stock[{at}]", (one.location, one.sku), f"{one.sku} at {one.location}")
        for at, one in enumerate(network.stock)
    )
    yield from _repeated(
        (f"postcodes[{at}]", (one.country, one.postcode), f"{one.postcode} in {one.country}")
        for at, one in enumerate(network.postcodes)
    )


def _repeated(things: Iterable[tuple[str, Hashable, str]]) -> Iterator[Fault]:
    """Faults for those of (place, identity, name) whose identity came before."""
    seen: dict[Hashable, str] = {}
    for place, identity, name in things:
        if identity in seen:
            yield Fault(place, f"{name} is there already, at {seen[identity]}")
        else:
            seen[identity] = place


def _location(location: Location, *, place: str) -> Iterator[Fault]:
    if location.can_pickup and not location.hours:
        yield Fault(f"{place}.hours", "a location that hands pickups over needs opening hours")
    yield from _overlaps(location.hours, place=f"{place}.hours")
    yield from _repeated(
        (f"{place}.closed_days[{at}].day", one.day, one.day.isoformat())
        for at, one in enumerate(location.closed_days)
    )


def _overlaps(hours: Iterable[Hours], *, place: str) -> Iterator[Fault]:
    spans = [(at, one, day) for at, one in enumerate(hours) for day in one.days]
    for weekday in WEEK:
        of_day = sorted((one.opens, one.closes, at) for at, one, day in spans if day is weekday)
        for (_, closes, _), (opens, _, at) in pairwise(of_day):
            if opens < closes:
                yield Fault(f"{place}[{at}]", f"overlaps with other hours of {weekday.value}")


def _tariff(tariff: TariffSheet) -> Iterator[Fault]:
    try:
        parse_tariff(tariff.sheet)
    except ProblemFault as fault:
        inner = fault.field.removeprefix("tariff").removeprefix(".")
        yield Fault(f"tariff.sheet.{inner}" if inner else "tariff.sheet", fault.message)
