"""A replay as a report for people."""

from collections.abc import Iterator, Sequence
from typing import Final

from api.reports.comparing import comparison
from api.reports.page import Page, Section, Table
from api.reports.wording import counted
from oms import money
from oms.replays.report import Left, PlanTold, Report, RunTold, label

MOST_ORDERS: Final = 200
"""That changed and are listed; `--json` has all."""


def page(report: Report) -> Page:
    """The whole replay."""
    days = ", ".join(report.days)
    return Page(
        title=f"Replay of {days}: {label(report.policy)} against {report.baseline}",
        words=_words(report),
        sections=list(_sections(report)),
    )


def _words(report: Report) -> list[str]:
    left = len(report.not_compared)
    return [
        f"{counted(report.decisions, 'decision')} were made on {_days(report)}"
        f" ({report.time_zone}); {report.compared} of them are compared"
        + (f", {left} could not be replayed." if left else "."),
        f"{report.reproduced} of {report.compared} reproduced: so many come out as they were under"
        " the policy that they were made by.",
        f"{counted(report.orders_changed, 'order')} would have gone elsewhere.",
        "Each decision is asked again on the stock that it saw; what it would have left to later"
        " orders is not followed.",
        *report.notes,
    ]


def _sections(report: Report) -> Iterator[Section]:
    for pair in report.totals:
        sides = {report.baseline: pair.before, label(report.policy): pair.after}
        for section in comparison(sides, currency=pair.currency):
            several = f" ({pair.currency})" if len(report.totals) > 1 else ""
            yield Section(section.title + several, section.words, section.chart, section.table)
    if report.runs:
        yield _runs(report)
    if report.changed:
        yield _changed(report)
    for title, rows in (
        ("Not replayed", report.not_compared),
        ("Not reproduced", report.not_reproduced),
    ):
        if rows:
            yield _listed(title, rows)


def _runs(report: Report) -> Section:
    head = (
        "run", "orders",
        f"moved, {report.baseline}", f"saves, {report.baseline}",
        f"moved, {label(report.policy)}", f"saves, {label(report.policy)}", "note",
    )  # fmt: skip
    same = sum(run.reproduced for run in report.runs)
    return Section(
        "Joint runs",
        words=[f"{same} of {counted(len(report.runs), 'joint run')} reproduced."],
        table=Table(head, [_run(run) for run in report.runs]),
    )


def _run(run: RunTold) -> Sequence[str]:
    cells = [str(run.number), str(run.orders)]
    for side in (run.before, run.after):
        cells += (
            ["–", "–"]
            if side is None
            else [str(side.moved), money.grouped(side.gain_minor, currency=run.currency)]
        )
    return [*cells, run.reason or ("" if run.reproduced else "not reproduced")]


def _changed(report: Report) -> Section:
    shown = report.changed[:MOST_ORDERS]
    rest = len(report.changed) - len(shown)
    return Section(
        "Orders that changed",
        words=[f"The first {len(shown)}; {rest} more are in the JSON report."] if rest else [],
        table=Table(
            head=("order", report.baseline, label(report.policy), "costs", "id"),
            rows=[
                (
                    str(one.number),
                    _plan(one.before),
                    _plan(one.after),
                    _difference(one.after.cost_minor - one.before.cost_minor, one.currency),
                    one.order,
                )
                for one in shown
            ],
            words_only=True,
        ),
    )


def _plan(plan: PlanTold) -> str:
    parts = [f"{parcel.location}: {', '.join(parcel.skus)}" for parcel in plan.parcels]
    if plan.unfilled:
        parts.append(f"unfilled: {', '.join(plan.unfilled)}")
    return "; ".join(parts) + (" (late)" if plan.late else "")


def _difference(minor: int, currency: str) -> str:
    if not minor:
        return "the same"
    return f"{money.grouped(abs(minor), currency=currency)} {'more' if minor > 0 else 'less'}"


def _listed(title: str, rows: Sequence[Left]) -> Section:
    return Section(
        title,
        table=Table(
            head=("order", "why", "id", "decision"),
            rows=[(str(one.number), one.reason, one.order or "", one.decision) for one in rows],
            words_only=True,
        ),
    )


def _days(report: Report) -> str:
    return "this day" if len(report.days) == 1 else "these days"
