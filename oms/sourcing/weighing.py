"""Put what a policy weighs into routing problems: its cost terms, asked with what is known.

A problem keeps what they said, so that deciding it again gives the same whatever has changed since.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from oms.sourcing import plugged_terms
from oms.sourcing.policy import Policy
from routing import terms
from routing.problem import Problem
from routing.terms import CostTerm, Known
from routing.weighing import TermFault, Weighed, priced


@dataclass(frozen=True, slots=True)
class Weighted:
    """A problem with what the policy weighs, and what could not be weighed, in words."""

    problem: Problem
    notes: tuple[str, ...] = ()


def weighs(policy: Policy) -> bool:
    """Whether a policy weighs anything of a plan, beside carriage and handling."""
    weights = policy.weights
    return bool(
        weights.opportunity_percent
        or weights.acceptance_percent
        or weights.congestion_cents
        or weights.lateness_cents_per_day
        or weights.plugged_percent
    )


def looks_at_prices(policy: Policy) -> bool:
    """Whether any of a policy's terms looks at bid prices; what is plugged in may look at all."""
    return bool(policy.weights.opportunity_percent or policy.weights.plugged_percent)


def looks_at_acceptance(policy: Policy) -> bool:
    """Whether any of them looks at how likely locations accept work."""
    return bool(policy.weights.acceptance_percent or policy.weights.plugged_percent)


def asked(problem: Problem, *, policy: Policy, known: Known) -> Weighted:
    """Add what the policy's terms say of a problem, knowing this.

    A term that fails is left out and told in the notes.
    """
    wanted, faults = _terms(policy)
    found = priced(problem, wanted, known)
    return Weighted(found.problem, _told([*faults, *found.faults]))


def own_terms() -> tuple[CostTerm, ...]:
    """The terms that need no other package, at no price."""
    return (terms.opportunity(), terms.acceptance(), terms.congestion(0), terms.lateness(0))


def in_words(policy: Policy) -> list[str]:
    """What a policy weighs beside carriage and handling, one line each."""
    weights = policy.weights
    told = {
        f"opportunity: {weights.opportunity_percent} % of a unit's bid price": (
            weights.opportunity_percent
        ),
        f"acceptance: {weights.acceptance_percent} % of what sourcing again is likely to cost": (
            weights.acceptance_percent
        ),
        f"congestion: {weights.congestion_cents} cents a parcel where capacity is used up": (
            weights.congestion_cents
        ),
        f"lateness: {weights.lateness_cents_per_day} cents a parcel and day": (
            weights.lateness_cents_per_day
        ),
        f"moving: {weights.move_cents} cents for a tentative place": weights.move_cents,
    }
    told |= {f"{name}: {percent} %": percent for name, percent in weights.plugged_percent.items()}
    return [words for words, weight in told.items() if weight]


def late(problem: Problem, *, promised_days: Mapping[str, int], cents_per_day: int) -> Problem:
    """Add what lateness costs orders whose promise was given up; `promised_days` says which."""
    if not promised_days or not cents_per_day:
        return problem
    term = Weighed(terms.lateness(cents_per_day))
    found = priced(problem, [term], Known(promised_days=promised_days))
    assert not found.faults, found.faults
    return found.problem


def _terms(policy: Policy) -> tuple[list[Weighed], list[TermFault]]:
    weights = policy.weights
    wanted, faults = [], []
    if weights.opportunity_percent:
        wanted.append(Weighed(terms.opportunity(), weights.opportunity_percent))
    if weights.acceptance_percent:
        wanted.append(Weighed(terms.acceptance(), weights.acceptance_percent))
    if weights.congestion_cents:
        wanted.append(Weighed(terms.congestion(weights.congestion_cents)))
    for name, percent in weights.plugged_percent.items():
        try:
            wanted.append(Weighed(plugged_terms.load(name), percent))
        except TermFault as fault:
            faults.append(fault)
    return wanted, faults


def _told(faults: Collection[TermFault]) -> tuple[str, ...]:
    return tuple(f"{str(fault)[:1].upper()}{str(fault)[1:]}." for fault in faults)
