"""Show an explanation on a terminal: sentences, cost by term, and who could not serve."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from routing.explain import Explanation, ParcelCost, PlanCost
from routing.wording import amount, because

_MOST_NAMED: Final = 12
"""Locations named for one reason; thousands may share it."""

Names = Mapping[str, str]


def show(explanation: Explanation, names: Names, told: Sequence[str]) -> None:
    """Print a decision: its sentences, its cost beside the next best, and the removed by reason."""
    console = _console()
    for sentence in told:
        console.print(sentence)
    console.print()
    console.print(_costs(explanation, names))
    if explanation.removed:
        console.print()
        console.print(_removed(explanation, names))


def show_supposed(sentences: Sequence[str]) -> None:
    """Print what would have changed the answer."""
    console = _console()
    console.print("\nWhat would have changed it, each verified by solving again:")
    for sentence in sentences or ["Nothing that one figure alone could bring about was found."]:
        console.print(f"- {sentence}")


def _costs(explanation: Explanation, names: Names) -> Table:
    """One column per parcel of the winner and of the runner-up, one row per term."""
    plans = [("chosen", explanation.winner)]
    if explanation.runner_up is not None:
        plans.append(("next best", explanation.runner_up))
    columns = [(title, parcel) for title, plan in plans for parcel in plan.parcels]
    table = Table("", box=None)
    for title, parcel in columns:
        way = f"{parcel.miles:,} miles, {parcel.days} days"
        way = way if parcel.to is None else f"to {_named(parcel.to, names)}: {way}"
        way = way if parcel.window is None else f"{way}, window {parcel.window}"
        head = (title, _named(parcel.location, names), ", ".join(parcel.skus), way)
        table.add_column("\n".join(head), justify="right")
    parcels = [parcel for _, parcel in columns]
    for term in dict.fromkeys(term for parcel in parcels for term in parcel.terms):
        table.add_row(term, *(_cell(parcel, term, explanation.currency) for parcel in parcels))
    table.add_row("together", *(amount(parcel.cents, explanation.currency) for parcel in parcels))
    table.caption = "; ".join(_total(title, plan, explanation.currency) for title, plan in plans)
    table.caption_justify = "left"
    return table


def _cell(parcel: ParcelCost, term: str, currency: str) -> str:
    return amount(parcel.terms[term], currency) if term in parcel.terms else ""


def _total(title: str, plan: PlanCost, currency: str) -> str:
    left = [f"{line.sku} unfilled at {amount(line.cents, currency)}" for line in plan.unfilled]
    return f"{title}: {', '.join([f'{amount(plan.cents, currency)} {currency}', *left])}"


def _removed(explanation: Explanation, names: Names) -> Table:
    table = Table("could not serve", "locations", box=None)
    for removal in explanation.removed:
        places = [_named(place, names) for place in removal.locations]
        more = len(places) - _MOST_NAMED
        listed = ", ".join(places[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
        table.add_row("; ".join(because(reason) for reason in removal.reasons), listed)
    return table


def _named(code: str, names: Names) -> str:
    return f"{names[code]} ({code})" if code in names else code


def _console() -> Console:
    return Console(highlight=False, markup=False, soft_wrap=False)
