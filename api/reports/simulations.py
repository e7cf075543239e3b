"""A simulation as a report for people."""

from collections.abc import Iterator, Sequence
from typing import Final

from api.charts.spec import Chart
from api.reports.comparing import comparison
from api.reports.page import Page, Section, Table
from oms import money
from oms.simulation.report import PolicyFound, Report

_WEEK: Final = 7


def page(report: Report) -> Page:
    """The whole simulation."""
    names = [one.policy.name for one in report.policies]
    return Page(
        title=f"Simulation of {report.days // _WEEK} weeks: {', '.join(names)}",
        words=[
            f"{report.orders:,} orders from {report.start} on, the same for each policy:"
            f" {report.demand}.",
            f"Stock is filled up to the units of the network file every"
            f" {report.restocked_every_days} days. A line that nobody can fill when its order is"
            " routed is unfilled for good, at the policy's price.",
            *(f"{one.policy.name}: {note}" for one in report.policies for note in one.notes),
        ],
        sections=list(_sections(report)),
    )


def _sections(report: Report) -> Iterator[Section]:
    sides = {one.policy.name: one.figures for one in report.policies}
    yield from comparison(sides, currency=report.currency)
    yield _weeks(report)
    yield _waiting(report)


def _weeks(report: Report) -> Section:
    """What an order costs, week by week: whether a policy lives on what it leaves to others."""
    groups = [f"week {number + 1}" for number in range(report.days // _WEEK)]
    series = {one.policy.name: _by_week(one) for one in report.policies}

    def show(minor: float) -> str:
        return money.grouped(round(minor), currency=report.currency)

    return Section(
        "Cost of an order by week",
        chart=Chart("Cost of an order by week", groups, series, show),
        table=Table(
            head=("", *series),
            rows=[
                (group, *(show(values[at]) for values in series.values()))
                for at, group in enumerate(groups)
            ],
        ),
    )


def _by_week(one: PolicyFound) -> Sequence[float]:
    costs = []
    for first in range(0, len(one.days), _WEEK):
        days = one.days[first : first + _WEEK]
        orders = sum(day.decisions for day in days)
        costs.append(sum(day.cost_minor for day in days) / orders if orders else 0.0)
    return costs


def _waiting(report: Report) -> Section:
    return Section(
        "Waiting for joint routing",
        table=Table(
            head=("", "orders", "joint runs", "moves"),
            rows=[
                (one.policy.name, f"{one.waited:,}", f"{one.joint_runs:,}", f"{one.moved:,}")
                for one in report.policies
            ],
        ),
    )
