"""Random routing problems, small and crowded so that every limit binds now and then."""

from dataclasses import replace
from itertools import permutations
from random import Random

from hypothesis import strategies as st

from routing.problem import (
    Added,
    Lane,
    Line,
    Location,
    Order,
    Problem,
    Serves,
    Stock,
    Tariff,
    Window,
)

SKUS = ("A", "B", "C", "D")
PLACES = ((40.7, -74.0), (39.9, -75.2), (41.9, -87.6), (34.1, -118.2), (40.7, -74.1))


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    """Any step tariff, now and then with a heavier parcel cheaper than a lighter one."""
    edges = draw(st.sampled_from([(), (60.0,), (60.0, 500.0, 2000.0)]))
    weights = draw(st.sampled_from([(500,), (300, 600), (200, 450, 900), (5000,)]))
    cents = st.sampled_from([50, 200, 330, 340, 500, 900])
    row = st.lists(cents, min_size=len(edges) + 1, max_size=len(edges) + 1)
    rows = [draw(row) for _ in weights]
    if draw(st.booleans()):
        rows = [sorted(column) for column in zip(*rows, strict=True)]
        rows = [list(row) for row in zip(*rows, strict=True)]
    days = sorted(
        draw(st.lists(st.integers(0, 4), min_size=len(edges) + 1, max_size=len(edges) + 1))
    )
    return Tariff(edges, weights, tuple(tuple(row) for row in rows), tuple(days))


@st.composite
def locations(draw: st.DrawFn, number: int) -> Location:
    """A location that may be dear, slow or nearly full."""
    lat, lon = draw(st.sampled_from(PLACES))
    return Location(
        id=f"S{number}",
        kind="store",
        lat=lat,
        lon=lon,
        parcel_cents=draw(st.sampled_from([0, 40, 90, 250])),
        line_cents=draw(st.sampled_from([0, 30, 80, 170])),
        pickup_cents=draw(st.sampled_from([0, 60, 200])),
        handling_days=draw(st.sampled_from([0, 1, 1, 2])),
        capacity_parcels=draw(st.sampled_from([None, 1, 2, None, 1, None, 2, 0])),
        pickup_days=draw(st.sampled_from([None, None, 0, 3, 6])),
    )


@st.composite
def orders(draw: st.DrawFn, number: int, places: list[str], most_lines: int) -> Order:
    """An order whose lines may share a SKU, to be shipped or picked up."""
    lat, lon = draw(st.sampled_from(PLACES))
    return Order(
        id=f"O{number}",
        lat=lat,
        lon=lon,
        promise_days=draw(st.sampled_from([7, 6, 7, 5, 4, 2])),
        max_parcels=draw(st.sampled_from([3, 2, 3, 1])),
        lines=tuple(
            Line(
                id=str(line),
                sku=draw(st.sampled_from(SKUS)),
                units=draw(st.sampled_from([1, 1, 2])),
                weight_g=draw(st.sampled_from([100, 150, 60, 220, 300, 0, 460])),
                unfilled_cents=draw(st.sampled_from([3000, 2000, 2500, 1500, 700, 300, 0])),
            )
            for line in range(draw(st.integers(min(2, most_lines), most_lines)))
        ),
        pickup_at=draw(st.none() | st.none() | st.none() | pickup_points(places)),
        excluded=draw(st.just({}) | st.just({}) | exclusions(places)),
    )


def pickup_points(places: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """One location or two."""
    return st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True).map(tuple)


def exclusions(places: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """One location with its reason."""
    return st.dictionaries(
        st.sampled_from(places), st.sampled_from(["rejected", "closed"]), min_size=1, max_size=1
    )


@st.composite
def lanes(draw: st.DrawFn, places: list[str]) -> tuple[Lane, ...]:
    """Transfer lanes between about half of all pairs of locations."""
    return tuple(
        Lane(
            source,
            to,
            parcel_cents=draw(st.sampled_from([0, 70, 300])),
            line_cents=draw(st.sampled_from([0, 20, 90])),
            days=draw(st.sampled_from([1, 0, 2, 4])),
        )
        for source, to in permutations(places, 2)
        if draw(st.booleans())
    )


@st.composite
def transferring(
    draw: st.DrawFn, *, most_locations: int = 4, most_lines: int = 4, most_orders: int = 1
) -> Problem:
    """A problem with transfer lanes, in which most orders are picked up."""
    problem = draw(
        problems(most_locations=most_locations, most_lines=most_lines, most_orders=most_orders)
    )
    names = [place.id for place in problem.locations]
    points = st.none() | pickup_points(names) | pickup_points(names) | pickup_points(names)
    return replace(
        problem,
        transfers=draw(lanes(names)),
        orders=tuple(replace(order, pickup_at=draw(points)) for order in problem.orders),
    )


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """None or a few windows, some for one thing only."""
    names = draw(st.sampled_from([(), ("am",), ("am", "pm"), ("pm", "am", "late")]))
    return tuple(
        Window(
            name,
            days=draw(st.sampled_from([1, 0, 2, 3])),
            capacity_parcels=draw(st.sampled_from([1, None, 0, 2])),
            serves=draw(st.sampled_from([Serves.ANY, Serves.ANY, Serves.SHIPPING, Serves.PICKUP])),
        )
        for name in names
    )


@st.composite
def timed(draw: st.DrawFn, without: st.SearchStrategy[Problem]) -> Problem:
    """A problem whose locations have windows, some pickup orders a slot."""
    problem = draw(without)
    slots = st.none() | st.sampled_from(["am", "pm"])
    return replace(
        problem,
        locations=tuple(
            replace(place, windows=some, capacity_parcels=None) if some else place
            for place in problem.locations
            for some in [draw(windows())]
        ),
        orders=tuple(
            order if order.pickup_at is None else replace(order, slot=draw(slots))
            for order in problem.orders
        ),
    )


@st.composite
def splitting(
    draw: st.DrawFn, without: st.SearchStrategy[Problem], *, most_units: int = 3
) -> Problem:
    """A problem in which some lines may be split."""
    problem = draw(without)
    units = st.integers(2, most_units)
    return replace(
        problem,
        orders=tuple(
            replace(
                order,
                lines=tuple(
                    replace(line, may_split=True, units=draw(units))
                    if draw(st.booleans())
                    else line
                    for line in order.lines
                ),
            )
            for order in problem.orders
        ),
    )


@st.composite
def problems(
    draw: st.DrawFn, *, most_locations: int = 5, most_lines: int = 5, most_orders: int = 1
) -> Problem:
    """A whole problem."""
    places = [
        draw(locations(number))
        for number in range(draw(st.integers(min(2, most_locations), most_locations)))
    ]
    names = [place.id for place in places]
    held = st.sampled_from([1, 2, 1, 0, 3, 0])
    return Problem(
        currency="USD",
        tariff=draw(tariffs()),
        locations=tuple(places),
        stock=tuple(Stock(name, sku, draw(held)) for name in names for sku in SKUS),
        orders=tuple(
            draw(orders(number, names, most_lines))
            for number in range(draw(st.integers(1, most_orders)))
        ),
        road_factor=draw(st.sampled_from([1.0, 1.0, 1.3])),
    )


@st.composite
def weighed(draw: st.DrawFn, stated: st.SearchStrategy[Problem]) -> Problem:
    """A problem with added costs, some rows of which count for some lines and orders."""
    problem = draw(stated)
    cents = st.sampled_from([0, 7, 40, 130, 600, 2500])
    places = [place.id for place in problem.locations]
    rows = tuple(
        Added(draw(st.sampled_from(["wear", "queue"])), {place: draw(cents) for place in some})
        for some in draw(st.lists(st.lists(st.sampled_from(places), unique=True), max_size=4))
    )
    named = (
        st.lists(st.integers(0, len(rows) - 1), unique=True, max_size=3) if rows else st.just([])
    )
    return replace(
        problem,
        added=rows,
        orders=tuple(
            replace(
                order,
                added=tuple(draw(named)),
                lines=tuple(replace(line, added=tuple(draw(named))) for line in order.lines),
            )
            for order in problem.orders
        ),
    )


@st.composite
def together(
    draw: st.DrawFn, *, most_locations: int = 3, most_lines: int = 2, most_orders: int = 1
) -> Problem:
    """A problem with transfers, windows, lines to split and added costs, all of which tell.

    It is strewn by dice: drawn figure by figure, hardly any problem has a transfer worth its cost.
    """
    dice = draw(st.randoms(use_true_random=True))
    names = [f"S{number}" for number in range(dice.randint(2, most_locations))]
    terms = ("wear", "queue", "wear")
    rows = [Added(term, {name: dice.choice((0, 7, 60, 250)) for name in names}) for term in terms]
    return Problem(
        currency="USD",
        tariff=Tariff((60.0,), (300, 900), ((200, 330), (340, 500)), (1, 2)),
        locations=tuple(_strewn_location(dice, name) for name in names),
        stock=tuple(
            Stock(name, sku, dice.choice((0, 0, 1, 1, 2))) for name in names for sku in SKUS
        ),
        orders=tuple(
            _strewn_order(dice, number, names, dice.randint(1, most_lines))
            for number in range(dice.randint(1, most_orders))
        ),
        transfers=tuple(
            Lane(source, to, dice.choice((0, 30, 200)), dice.choice((0, 20)), dice.choice((0, 1)))
            for source, to in permutations(names, 2)
            if dice.random() < 0.9
        ),
        added=tuple(rows),
    )


def _strewn_location(dice: Random, name: str) -> Location:
    lat, lon = dice.choice(PLACES)
    days, most, serves = (1, 0, 2, 3), (1, 2, None), (Serves.ANY, Serves.ANY, *Serves)
    slots = tuple(
        Window(window, dice.choice(days), dice.choice(most), dice.choice(serves))
        for window in dice.choice(((), (), ("am", "pm")))
    )
    return Location(
        id=name,
        kind="store",
        lat=lat,
        lon=lon,
        parcel_cents=dice.choice((0, 40, 90)),
        line_cents=dice.choice((0, 30, 80)),
        pickup_cents=dice.choice((0, 60, 200)),
        handling_days=dice.choice((0, 1)),
        capacity_parcels=None if slots else dice.choice(most),
        windows=slots,
    )


def _strewn_order(dice: Random, number: int, names: list[str], lines: int) -> Order:
    lat, lon = dice.choice(PLACES)
    points = tuple(dice.sample(names, dice.randint(1, 2))) if dice.random() < 0.7 else None

    def rows() -> tuple[int, ...]:
        return tuple(dice.sample(range(3), dice.choice((0, 1, 2))))

    return Order(
        id=f"O{number}",
        lat=lat,
        lon=lon,
        promise_days=dice.choice((7, 7, 4, 2)),
        max_parcels=dice.choice((3, 2, 3)),
        lines=tuple(
            Line(
                id=str(line),
                sku=dice.choice(SKUS),
                units=dice.choice((1, 2, 2)),
                weight_g=dice.choice((100, 220, 300)),
                unfilled_cents=dice.choice((3000, 2000, 2500, 700)),
                added=rows(),
                may_split=dice.random() < 0.5,
            )
            for line in range(lines)
        ),
        pickup_at=points,
        slot=None if points is None else dice.choice((None, None, None, "am")),
        added=rows(),
    )
