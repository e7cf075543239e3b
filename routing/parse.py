"""Read a routing problem from plain JSON, as documented in docs/routing-problem.md.

The first thing wrong raises `ProblemFault`, which names the place: `orders[3].lines[0].units`.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

from routing.cost import RATE_TERMS
from routing.parse_options import parse_slot, parse_transfers, parse_windows
from routing.problem import (
    MOST_ADDED,
    MOST_ADDED_CENTS,
    MOST_CENTS,
    MOST_DAYS,
    MOST_GRAMS,
    MOST_LOCATIONS,
    MOST_UNITS,
    Added,
    Line,
    Location,
    Order,
    Problem,
    Stock,
    Tariff,
)
from routing.reading import (
    ProblemFault,
    among,
    ascending,
    items,
    number,
    once,
    record,
    shown,
    text,
    whole,
    yes_or_no,
)

__all__ = ["ProblemFault", "parse_problem", "parse_tariff"]

MOST_PARCELS: Final = 1_000
MOST_MILES: Final = 25_000
MOST_ROAD_FACTOR: Final = 5


def parse_problem(document: object) -> Problem:
    """Return the problem that a JSON document states; raises `ProblemFault`."""
    fields = record(
        document,
        "",
        required=("currency", "tariff", "locations", "stock", "orders"),
        optional=("road_factor", "transfers", "added"),
    )
    currency = text(fields["currency"], "currency")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ProblemFault("currency", f"must be three capital letters, got {shown(currency)}")
    locations = _locations(fields["locations"])
    known = frozenset(place.id for place in locations)
    added = _added(fields.get("added", []), known)
    return Problem(
        currency=currency,
        tariff=parse_tariff(fields["tariff"]),
        locations=locations,
        stock=_stock(fields["stock"], known),
        orders=_orders(fields["orders"], known, rows=len(added)),
        road_factor=number(
            fields.get("road_factor", 1.0), "road_factor", least=1, most=MOST_ROAD_FACTOR
        ),
        transfers=parse_transfers(fields.get("transfers", []), known),
        added=added,
    )


def parse_tariff(value: object) -> Tariff:
    """Return the tariff that its part of a document states; raises `ProblemFault`."""
    fields = record(
        value, "tariff", required=("zone_miles", "max_weight_g", "cents", "transit_days")
    )
    edges = tuple(
        number(edge, f"tariff.zone_miles[{at}]", least=0, most=MOST_MILES)
        for at, edge in enumerate(items(fields["zone_miles"], "tariff.zone_miles"))
    )
    ascending(edges, "tariff.zone_miles")
    weights = tuple(
        whole(weight, f"tariff.max_weight_g[{at}]", least=1, most=MOST_GRAMS)
        for at, weight in enumerate(items(fields["max_weight_g"], "tariff.max_weight_g", least=1))
    )
    ascending(weights, "tariff.max_weight_g")
    rows = items(fields["cents"], "tariff.cents")
    if len(rows) != len(weights):
        raise ProblemFault(
            "tariff.cents",
            f"must have one row per weight band, {len(weights)}, has {len(rows)}",
        )
    return Tariff(
        zone_miles=edges,
        max_weight_g=weights,
        cents=tuple(
            _by_zone(row, f"tariff.cents[{at}]", zones=len(edges) + 1, most=MOST_CENTS)
            for at, row in enumerate(rows)
        ),
        transit_days=_by_zone(
            fields["transit_days"], "tariff.transit_days", zones=len(edges) + 1, most=MOST_DAYS
        ),
    )


def _by_zone(value: object, field: str, *, zones: int, most: int) -> tuple[int, ...]:
    figures = items(value, field)
    if len(figures) != zones:
        raise ProblemFault(
            field, f"must have one figure per zone (thresholds + 1), {zones}, has {len(figures)}"
        )
    return tuple(
        whole(figure, f"{field}[{at}]", least=0, most=most) for at, figure in enumerate(figures)
    )


def _locations(value: object) -> tuple[Location, ...]:
    rows = items(value, "locations")
    if len(rows) > MOST_LOCATIONS:
        raise ProblemFault("locations", f"must be at most {MOST_LOCATIONS}, are {len(rows)}")
    ids: set[str] = set()
    places = []
    for at, row in enumerate(rows):
        place = _location(row, f"locations[{at}]")
        once(ids, place.id, f"locations[{at}].id")
        places.append(place)
    return tuple(places)


def _location(value: object, field: str) -> Location:
    fields = record(
        value,
        field,
        required=(
            "id",
            "kind",
            "lat",
            "lon",
            "parcel_cents",
            "line_cents",
            "pickup_cents",
            "handling_days",
        ),
        optional=("capacity_parcels", "pickup_days", "windows"),
    )
    capacity, pickup_days = fields.get("capacity_parcels"), fields.get("pickup_days")
    return Location(
        id=text(fields["id"], f"{field}.id"),
        kind=text(fields["kind"], f"{field}.kind"),
        lat=_latitude(fields["lat"], field),
        lon=_longitude(fields["lon"], field),
        parcel_cents=_cents(fields, "parcel_cents", field),
        line_cents=_cents(fields, "line_cents", field),
        pickup_cents=_cents(fields, "pickup_cents", field),
        handling_days=whole(
            fields["handling_days"], f"{field}.handling_days", least=0, most=MOST_DAYS
        ),
        capacity_parcels=None
        if capacity is None
        else whole(capacity, f"{field}.capacity_parcels", least=0, most=MOST_UNITS),
        pickup_days=None
        if pickup_days is None
        else whole(pickup_days, f"{field}.pickup_days", least=0, most=MOST_DAYS),
        windows=parse_windows(fields, field),
    )


def _stock(value: object, known: Collection[str]) -> tuple[Stock, ...]:
    rows = []
    seen: set[tuple[str, str]] = set()
    for at, row in enumerate(items(value, "stock")):
        field = f"stock[{at}]"
        cells = items(row, field)
        if len(cells) != 3:
            raise ProblemFault(field, f"must be [location, SKU, units], has {len(cells)} values")
        location = among(cells[0], f"{field}[0]", known)
        sku = text(cells[1], f"{field}[1]")
        if (location, sku) in seen:
            raise ProblemFault(field, f"{shown(sku)} at {shown(location)} is there twice")
        seen.add((location, sku))
        rows.append(Stock(location, sku, whole(cells[2], f"{field}[2]", least=0, most=MOST_UNITS)))
    return tuple(rows)


def _added(value: object, known: Collection[str]) -> tuple[Added, ...]:
    rows = []
    for at, row in enumerate(items(value, "added")):
        field = f"added[{at}]"
        fields = record(row, field, required=("term", "cents"))
        term, cents = text(fields["term"], f"{field}.term"), fields["cents"]
        if term in RATE_TERMS:
            raise ProblemFault(f"{field}.term", f"{shown(term)} is what the rates are called")
        if not isinstance(cents, dict):
            raise ProblemFault(
                f"{field}.cents", f"must be an object of location: cents, got {shown(cents)}"
            )
        for place, figure in cents.items():
            among(place, f"{field}.cents.{place}", known)
            whole(figure, f"{field}.cents.{place}", least=0, most=MOST_ADDED_CENTS)
        rows.append(Added(term, dict(cents)))
    return tuple(rows)


def _named_rows(value: object, field: str, *, rows: int) -> tuple[int, ...]:
    """Return the rows of added costs that count for an order or a line."""
    if value is None:
        return ()
    named = items(value, field)
    if len(named) > MOST_ADDED:
        raise ProblemFault(field, f"must be at most {MOST_ADDED}, are {len(named)}")
    seen: set[str] = set()
    for at, row in enumerate(named):
        place = f"{field}[{at}]"
        number = whole(row, place, least=0, most=MOST_UNITS)
        if number >= rows:
            raise ProblemFault(place, f"{number} is not among the {rows} rows of added")
        once(seen, str(number), place)
    return tuple(row for row in named if isinstance(row, int))


def _orders(value: object, known: Collection[str], *, rows: int) -> tuple[Order, ...]:
    ids: set[str] = set()
    orders = []
    for at, row in enumerate(items(value, "orders")):
        order = _order(row, f"orders[{at}]", known, rows=rows)
        once(ids, order.id, f"orders[{at}].id")
        orders.append(order)
    return tuple(orders)


def _order(value: object, field: str, known: Collection[str], *, rows: int) -> Order:
    fields = record(
        value,
        field,
        required=("id", "lat", "lon", "promise_days", "max_parcels", "lines"),
        optional=("pickup_at", "excluded", "slot", "added"),
    )
    return Order(
        id=text(fields["id"], f"{field}.id"),
        lat=_latitude(fields["lat"], field),
        lon=_longitude(fields["lon"], field),
        promise_days=whole(
            fields["promise_days"], f"{field}.promise_days", least=0, most=MOST_DAYS
        ),
        max_parcels=whole(
            fields["max_parcels"], f"{field}.max_parcels", least=1, most=MOST_PARCELS
        ),
        lines=_lines(fields["lines"], f"{field}.lines", rows=rows),
        pickup_at=_pickup_at(fields.get("pickup_at"), f"{field}.pickup_at", known),
        excluded=_excluded(fields.get("excluded"), f"{field}.excluded", known),
        slot=parse_slot(fields, field),
        added=_named_rows(fields.get("added"), f"{field}.added", rows=rows),
    )


def _lines(value: object, field: str, *, rows: int) -> tuple[Line, ...]:
    ids: set[str] = set()
    lines = []
    for at, row in enumerate(items(value, field, least=1)):
        place = f"{field}[{at}]"
        fields = record(
            row,
            place,
            required=("id", "sku", "units", "weight_g", "unfilled_cents"),
            optional=("may_split", "added"),
        )
        line = Line(
            id=text(fields["id"], f"{place}.id"),
            sku=text(fields["sku"], f"{place}.sku"),
            units=whole(fields["units"], f"{place}.units", least=1, most=MOST_UNITS),
            weight_g=whole(fields["weight_g"], f"{place}.weight_g", least=0, most=MOST_GRAMS),
            unfilled_cents=_cents(fields, "unfilled_cents", place),
            may_split=yes_or_no(fields.get("may_split", False), f"{place}.may_split"),
            added=_named_rows(fields.get("added"), f"{place}.added", rows=rows),
        )
        once(ids, line.id, f"{place}.id")
        lines.append(line)
    return tuple(lines)


def _pickup_at(value: object, field: str, known: Collection[str]) -> tuple[str, ...] | None:
    if value is None:
        return None
    seen: set[str] = set()
    places = []
    for at, name in enumerate(items(value, field)):
        place = among(name, f"{field}[{at}]", known)
        once(seen, place, f"{field}[{at}]")
        places.append(place)
    return tuple(places)


def _excluded(value: object, field: str, known: Collection[str]) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ProblemFault(field, f"must be an object of location: reason, got {shown(value)}")
    for place, reason in value.items():
        among(place, f"{field}.{place}", known)
        if not isinstance(reason, str):
            raise ProblemFault(f"{field}.{place}", f"must be text, got {shown(reason)}")
    return dict(value)


def _latitude(value: object, field: str) -> float:
    return number(value, f"{field}.lat", least=-90, most=90)


def _longitude(value: object, field: str) -> float:
    return number(value, f"{field}.lon", least=-180, most=180)


def _cents(fields: Mapping[str, object], name: str, field: str) -> int:
    return whole(fields[name], f"{field}.{name}", least=0, most=MOST_CENTS)
