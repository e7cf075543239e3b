"""Policies side by side: the sections that replays and simulations have in common."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from api.charts.spec import Chart
from api.reports.page import Section, Table
from oms import money
from oms.replays.figures import AtLocation, Figures

Sides = Mapping[str, Figures]
"""What each of some policies came to, by its name; the first is what others are compared with."""

_CHARTED_LOCATIONS: Final = 20
_NONE: Final = AtLocation()


def comparison(sides: Sides, *, currency: str) -> Iterator[Section]:
    """Everything about one currency."""
    yield Section("At a glance", table=_glance(sides, currency))
    yield _terms(sides, currency)
    yield _customers(sides)
    yield _locations(sides)


def _glance(sides: Sides, currency: str) -> Table:
    def amount(minor: Fraction) -> str:
        return money.grouped(round(minor), currency=currency)

    rows: list[tuple[str, Callable[[Figures], Fraction], Callable[[Fraction], str]]] = [
        ("orders decided", lambda one: Fraction(one.decisions), _count),
        ("cost", lambda one: Fraction(one.cost_minor), amount),
        ("cost per order", lambda one: _per(one.cost_minor, one.decisions), amount),
        ("of it only weighed", lambda one: Fraction(one.weighed_minor), amount),
        ("parcels", lambda one: Fraction(one.parcels), _count),
        ("split orders", lambda one: Fraction(one.split_orders), _count),
        ("promises kept", lambda one: Fraction(one.promises_kept), _count),
        ("late orders", lambda one: Fraction(one.late), _count),
        ("unfilled lines", lambda one: Fraction(one.unfilled_lines), _count),
    ]
    if not any(side.weighed_minor for side in sides.values()):
        rows = [row for row in rows if row[0] != "of it only weighed"]
    two = len(sides) == 2
    table = []
    for name, of, told in rows:
        figures = [of(side) for side in sides.values()]
        change = [_signed(figures[1] - figures[0], told)] if two else []
        table.append((name, *(told(figure) for figure in figures), *change))
    return Table(head=("", *sides, *(["change"] if two else [])), rows=table)


def _terms(sides: Sides, currency: str) -> Section:
    """What an order costs by each term; the dearest comes first."""
    every = {term for side in sides.values() for term in side.terms}
    names = sorted(
        every, key=lambda term: (-sum(one.terms.get(term, 0) for one in sides.values()), term)
    )

    def each(of: Figures) -> list[float]:
        return [float(_per(of.terms.get(name, 0), of.decisions)) for name in names]

    def amount(minor: float) -> str:
        return money.grouped(round(minor), currency=currency)

    return _charted(
        "Cost of an order by term",
        names,
        {name: each(side) for name, side in sides.items()},
        amount,
    )


def _customers(sides: Sides) -> Section:
    shares: dict[str, Callable[[Figures], Fraction]] = {
        "split orders": lambda one: _per(one.split_orders, one.decisions),
        "promises kept": lambda one: _per(one.promises_kept, one.decisions),
        "late orders": lambda one: _per(one.late, one.decisions),
        "unfilled lines": lambda one: _per(one.unfilled_lines, one.lines),
    }
    return _charted(
        "What customers notice",
        list(shares),
        {name: [float(of(side)) for of in shares.values()] for name, side in sides.items()},
        "{:.1%}".format,
    )


def _locations(sides: Sides) -> Section:
    """Parcels by location; those that are given most come first."""
    every = {code for side in sides.values() for code in side.locations}

    def given(code: str) -> list[AtLocation]:
        return [side.locations.get(code, _NONE) for side in sides.values()]

    ranked = sorted(every, key=lambda code: (-sum(at.parcels for at in given(code)), code))
    charted = ranked[:_CHARTED_LOCATIONS]
    rest = f"The chart shows {len(charted)} of {len(ranked)} locations."
    return Section(
        "Parcels and units by location",
        words=[rest] if len(charted) < len(ranked) else [],
        chart=Chart(
            "Parcels by location",
            charted,
            {
                name: [side.locations.get(code, _NONE).parcels for code in charted]
                for name, side in sides.items()
            },
            "{:,.0f}".format,
        ),
        table=Table(
            head=(
                "",
                *(f"parcels, {name}" for name in sides),
                *(f"units, {name}" for name in sides),
            ),
            rows=[
                (
                    code,
                    *(f"{at.parcels:,}" for at in given(code)),
                    *(f"{at.units:,}" for at in given(code)),
                )
                for code in ranked
            ],
        ),
    )


def _charted(
    title: str,
    groups: Sequence[str],
    series: Mapping[str, Sequence[float]],
    show: Callable[[float], str],
) -> Section:
    """A chart, and its figures as a table."""
    rows = [
        (group, *(show(values[at]) for values in series.values()))
        for at, group in enumerate(groups)
    ]
    return Section(
        title,
        chart=Chart(title, groups, series, show),
        table=Table(head=("", *series), rows=rows),
    )


def _per(total: int, number: int) -> Fraction:
    return Fraction(total, number) if number else Fraction(0)


def _count(number: Fraction) -> str:
    return f"{round(number):,}"


def _signed(change: Fraction, told: Callable[[Fraction], str]) -> str:
    """A change with its sign; nothing is said where there is none."""
    if not change:
        return "–"
    return f"{'+' if change > 0 else '-'}{told(abs(change))}"
