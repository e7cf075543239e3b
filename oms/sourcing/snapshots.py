"""What a joint run was decided on, and what was decided, in a form that can be kept and sent."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oms.sourcing.inputs import Inputs, inputs_document, parse_inputs
from oms.sourcing.joint import Joint
from oms.sourcing.knowing import known_document, parse_known
from routing.document import answer_document, problem_document
from routing.parse import parse_problem
from routing.plan import Answer, OrderPlan, ParcelPlan, Status
from routing.problem import Problem
from routing.terms import Known


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as it was when the run looked: its version, and where each line's goods are."""

    version: int
    at: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a joint run knows."""

    problem: Problem
    standing: Mapping[str, Standing]
    inputs: Mapping[str, Inputs] = field(default_factory=dict)
    """What each order was before the policy was laid over it; empty in runs kept before these."""
    known: Known = field(default_factory=Known)
    """What a policy may weigh beside carriage and handling."""


def pack(document: Mapping[str, Any]) -> bytes:
    """Plain JSON, compressed."""
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode())


def unpack(packed: bytes) -> dict[str, Any]:
    """What `pack` was given."""
    document: dict[str, Any] = json.loads(zlib.decompress(packed))
    return document


def pack_snapshot(snapshot: Snapshot) -> bytes:
    """A snapshot to be kept: `problem` in it is a routing problem file."""
    return pack(
        {
            "problem": problem_document(snapshot.problem),
            "standing": {
                order_id: {"version": one.version, "at": dict(one.at)}
                for order_id, one in snapshot.standing.items()
            },
            "inputs": {
                order.id: inputs_document(snapshot.inputs[order.id], order)
                for order in snapshot.problem.orders
                if order.id in snapshot.inputs
            },
            "known": known_document(snapshot.known),
        }
    )


def unpack_snapshot(packed: bytes) -> Snapshot:
    """A snapshot as it was kept."""
    document = unpack(packed)
    problem = parse_problem(document["problem"])
    kept = document.get("inputs", {})
    inputs = {
        order.id: parse_inputs(kept[order.id], order)
        for order in problem.orders
        if order.id in kept
    }
    categories = {sku: name for one in inputs.values() for sku, name in one.categories.items()}
    return Snapshot(
        problem=problem,
        standing={
            order_id: Standing(version=one["version"], at=one["at"])
            for order_id, one in document["standing"].items()
        },
        inputs=inputs,
        known=parse_known(document["known"], categories=categories)
        if "known" in document
        else Known(),
    )


def joint_document(joint: Joint, *, seconds: float) -> dict[str, Any]:
    """An answer and what stock is worth after it, as plain JSON."""
    costs = {plan.id: plan.cost_cents for plan in joint.answer.orders}
    return {
        "answer": answer_document(joint.answer, wall_s=seconds),
        "costs": costs,
        "worth": [[sku, location, cents] for (sku, location), cents in joint.worth.items()],
    }


def parse_joint(document: Mapping[str, Any]) -> Joint:
    """The answer that `joint_document` wrote.

    Raises `KeyError`, `TypeError` or `ValueError` for anything else.
    """
    answer, costs = document["answer"], document["costs"]
    return Joint(
        answer=Answer(
            status=Status(answer["status"]),
            cost_cents=answer["cost_cents"],
            lower_bound_cents=answer["lower_bound_cents"],
            orders=tuple(_order_plan(plan, costs) for plan in answer["orders"]),
        ),
        worth={(sku, location): int(cents) for sku, location, cents in document["worth"]},
    )


def _order_plan(plan: Mapping[str, Any], costs: Mapping[str, int]) -> OrderPlan:
    parcels = tuple(
        ParcelPlan(
            location=parcel["location"],
            lines=tuple(parcel["lines"]),
            cents=parcel["cents"],
            to=parcel.get("to"),
            window=parcel.get("window"),
            units=parcel.get("units", {}),
        )
        for parcel in plan["parcels"]
    )
    return OrderPlan(
        id=plan["id"],
        parcels=parcels,
        unfilled=tuple(plan["unfilled"]),
        cost_cents=costs[plan["id"]],
        unfilled_units=plan.get("unfilled_units", {}),
    )
