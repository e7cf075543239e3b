"""Write an explanation as plain JSON to be kept, and read it back to be told again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from routing.document import Json
from routing.explain import Explanation, ParcelCost, PlanCost, Rival, UnfilledLine
from routing.removals import Out, Reason, Removal
from routing.wording import sentences


def explanation_document(explanation: Explanation) -> Json:
    """Return an explanation in lists, objects, numbers and text, its sentences included."""
    document = _plain(asdict(explanation))
    assert isinstance(document, dict)
    return document | {"sentences": sentences(explanation)}


def parse_explanation(document: Mapping[str, Any]) -> Explanation:
    """Return the explanation that `explanation_document` wrote."""
    runner_up = document["runner_up"]
    return Explanation(
        order=document["order"],
        currency=document["currency"],
        pickup=document["pickup"],
        proven=document["proven"],
        winner=_plan_cost(document["winner"]),
        runner_up=None if runner_up is None else _plan_cost(runner_up),
        dearer_cents=document["dearer_cents"],
        rivals=tuple(
            Rival(
                location=rival["location"],
                lines=tuple(rival["lines"]),
                lacks=tuple(rival["lacks"]),
                dearer_cents=rival["dearer_cents"],
            )
            for rival in document["rivals"]
        ),
        removed=tuple(
            Removal(
                reasons=tuple(_reason(reason) for reason in removal["reasons"]),
                locations=tuple(removal["locations"]),
            )
            for removal in document["removed"]
        ),
    )


def _plan_cost(document: Mapping[str, Any]) -> PlanCost:
    return PlanCost(
        parcels=tuple(
            ParcelCost(**{**parcel, "lines": tuple(parcel["lines"]), "skus": tuple(parcel["skus"])})
            for parcel in document["parcels"]
        ),
        unfilled=tuple(UnfilledLine(**line) for line in document["unfilled"]),
        cents=document["cents"],
    )


def _reason(document: Mapping[str, Any]) -> Reason:
    return Reason(
        kind=Out(document["kind"]),
        skus=tuple(document["skus"]),
        days_late=document["days_late"],
        note=document["note"],
    )


def _plain(value: object) -> object:
    """Return a value with tuples as lists and enumerations as their text."""
    match value:
        case dict():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case Out():
            return value.value
        case _:
            return value
