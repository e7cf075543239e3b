"""What a decision rested on before any policy was laid over it, so that another one can be.

A decision's snapshot is the problem as it was solved: with one policy's limits, prices and
exclusions, perhaps with a promise given up, or with no goods but those held for the order. What
that hides is kept beside it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from oms.orders.models import Delivery
from oms.sourcing import policy as policy_rules
from oms.sourcing.lanes import lanes
from oms.sourcing.policy import Policy, Service
from routing.problem import Order, Problem, Stock


@dataclass(frozen=True, slots=True)
class Inputs:
    """The facts of one order that a policy speaks of, and what holds under every policy."""

    channel: str
    delivery: Delivery
    placed_at: datetime
    promise_by: datetime
    promise_days: int
    """Days that were left to the promise, also where it was given up."""
    categories: Mapping[str, str]
    """By SKU, as the catalogue had it."""
    barred: Mapping[str, str]
    """Locations that could not serve the order whatever the policy, by code, with the reason."""
    receiving: tuple[int, ...] = ()
    """Days on which the store of a pickup takes in what is sent there, as the problem counts them;
    none for a delivery, and where this was not kept yet."""

    def service(self, policy: Policy) -> Service:
        """What the customer was promised, in the words of a policy."""
        return policy_rules.service_of(
            policy, delivery=self.delivery, placed_at=self.placed_at, promise_by=self.promise_by
        )


def ruled(
    order: Order,
    policy: Policy,
    *,
    channel: str,
    service: Service,
    categories: Collection[str],
    known: Collection[str],
) -> Order:
    """An order as a policy sees it: its limits, its price of unfilled lines, its exclusions.

    The order's own `excluded` say what holds under every policy. `known` are the codes of the
    locations that take part.
    """
    ruled_out = policy_rules.excluded(
        policy, channel=channel, service=service, categories=categories
    )
    return replace(
        order,
        max_parcels=policy.limits.max_parcels,
        lines=tuple(
            replace(line, unfilled_cents=policy_rules.unfilled_cents(policy, units=line.units))
            for line in order.lines
        ),
        excluded={code: reason for code, reason in ruled_out.items() if code in known}
        | dict(order.excluded),
    )


def under(
    problem: Problem, inputs: Mapping[str, Inputs], policy: Policy, *, whole: bool = False
) -> Problem:
    """The problem that a policy would have put: promises are whole again, exclusions its own.

    With `whole` no line is split, also where the policy allows it.
    What another policy weighed is gone; `weighing.asked` adds what this one does. Raises `KeyError`
    for an order whose inputs are not there.
    """
    known = {place.id for place in problem.locations}
    return replace(
        problem,
        added=(),
        transfers=lanes(problem, policy, receiving=_receiving(problem, inputs)),
        orders=tuple(
            _under(
                order,
                inputs[order.id],
                policy,
                known,
                split=policy.limits.split_lines and not whole,
            )
            for order in problem.orders
        ),
    )


def _receiving(problem: Problem, inputs: Mapping[str, Inputs]) -> dict[str, tuple[int, ...]]:
    """By store of some pickup, the days on which it takes goods in."""
    return {
        store: inputs[order.id].receiving
        for order in problem.orders
        for store in order.pickup_at or ()
    }


def _under(
    order: Order, inputs: Inputs, policy: Policy, known: Collection[str], *, split: bool
) -> Order:
    bare = replace(
        order,
        promise_days=inputs.promise_days,
        excluded=inputs.barred,
        added=(),
        lines=tuple(
            replace(line, added=(), may_split=split and line.units > 1) for line in order.lines
        ),
    )
    return ruled(
        bare,
        policy,
        channel=inputs.channel,
        service=inputs.service(policy),
        categories={inputs.categories[line.sku] for line in order.lines},
        known=known,
    )


def inputs_document(inputs: Inputs, solved: Order) -> dict[str, Any]:
    """Inputs as plain JSON, to be kept beside the order as it was solved."""
    same = dict(inputs.barred) == dict(solved.excluded)
    return {
        "channel": inputs.channel,
        "delivery": inputs.delivery.value,
        "placed_at": inputs.placed_at.isoformat(),
        "promise_by": inputs.promise_by.isoformat(),
        "promise_days": inputs.promise_days,
        "categories": dict(inputs.categories),
        **({} if same else {"barred": dict(inputs.barred)}),
        **({"receiving": list(inputs.receiving)} if inputs.receiving else {}),
    }


def parse_inputs(document: Mapping[str, Any], solved: Order) -> Inputs:
    """The inputs that `inputs_document` wrote. Raises `KeyError` or `ValueError` for others."""
    return Inputs(
        channel=document["channel"],
        delivery=Delivery(document["delivery"]),
        placed_at=datetime.fromisoformat(document["placed_at"]),
        promise_by=datetime.fromisoformat(document["promise_by"]),
        promise_days=document["promise_days"],
        categories=document["categories"],
        barred=document.get("barred", solved.excluded),
        receiving=tuple(document.get("receiving", ())),
    )


def stock_document(stock: Collection[Stock]) -> list[list[str | int]]:
    """Rows of stock as a problem file has them."""
    return [list(row) for row in stock]
