r"""How likely a location is to do what it is given: learned from what it did and gave back.

For a location l and a class of articles c, with α of its fulfilments done and β given back,

    p(l, c) = (a₀ + α) / (a₀ + b₀ + α + β),   a₀ = s · r,   b₀ = s · (1 - r)

the mean of the Beta distribution that a Beta(a₀, b₀) becomes by these outcomes. r is the network's
own rate over all its fulfilments, itself begun at `_BELIEVED` with the same strength s, which is
`acceptance_prior_fulfilments`. Outcomes fade: each counts half after `acceptance_half_life_days`.
Changing that setting changes how fast what is remembered fades from now on, not how it has faded.

A class is the category of an article; without a category it is the location as a whole. What a
person says instead holds until it ends: for one class, or for every class without its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, false, literal, or_, select, tuple_
from sqlmodel import Session, col

from oms import clock
from oms.columns import UTC_TIME
from oms.fulfilments.outcome_models import OutcomeCount
from oms.fulfilments.outcomes import EVERY_CLASS, faded
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.settings import settings
from oms.sourcing.models import AcceptanceOverride

_BELIEVED: Final = 0.98
"""The rate of a network that has not done anything yet."""

Spot = tuple[UUID, str]
"""A location and a class."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a location that nothing is known of: Beta(done, given_back)."""

    done: float
    given_back: float

    def mean(self, done: float = 0.0, given_back: float = 0.0) -> float:
        """The posterior mean after these outcomes."""
        good = self.done + done
        return good / (good + self.given_back + given_back)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How likely one location accepts one class, and what that rests on.

    `done` and `given_back` are fulfilments, faded. `probability` is what routing reckons with:
    `learned`, unless a person said otherwise.
    """

    location: str
    name: str
    sku_class: str
    done: float
    given_back: float
    learned: float
    probability: float
    override: AcceptanceOverride | None


def current(session: Session, classes: Collection[str]) -> Mapping[tuple[str, str], float]:
    """The probability of every active location for each class, by (location code, class).

    Three short queries, over one row per location and class; the history is not read.
    """
    wanted = set(classes)
    counts = _counts(session, col(OutcomeCount.sku_class).in_(wanted | {EVERY_CLASS}))
    said, start = in_force(session), _prior(counts)
    places = session.execute(
        select(col(Location.id), col(Location.code)).where(col(Location.active))
    ).all()
    found = {}
    for place_id, code in places:
        for sku_class in wanted:
            override = _override(said, place_id, sku_class)
            learned = start.mean(*counts.get((place_id, sku_class), (0.0, 0.0)))
            found[code, sku_class] = override.probability if override else learned
    return found


def classes(session: Session) -> set[str]:
    """The classes of which anything is known or said."""
    found = session.scalars(select(col(OutcomeCount.sku_class)).distinct())
    return {*found, *(sku_class for _, sku_class in in_force(session))}


def listed(session: Session, *, location: str | None = None) -> Sequence[Acceptance]:
    """Every active location as a whole, and each class that a person spoke of.

    Of one location, if it is named, each class that anything is known of: all of all locations
    would be too many to read.
    """
    place = locations.by_code(session, location) if location is not None else None
    whole = col(OutcomeCount.sku_class) == EVERY_CLASS
    here = col(OutcomeCount.location_id) == place.id if place else false()
    said = in_force(session)
    spoken_of = tuple_(col(OutcomeCount.location_id), col(OutcomeCount.sku_class)).in_(list(said))
    counts = _counts(session, or_(whole, here, spoken_of))
    start = _prior(counts)
    classes: dict[UUID, set[str]] = {}
    for place_id, sku_class in [*counts, *said]:
        classes.setdefault(place_id, set()).add(sku_class)
    return [
        _one(row, sku_class, counts, said, start)
        for row in ([place] if place else locations.active(session))
        for sku_class in sorted({EVERY_CLASS, *classes.get(row.id, ())})
    ]


def prior(session: Session) -> Prior:
    """What the network as a whole does, as the belief to start from."""
    return _prior(_counts(session, col(OutcomeCount.sku_class) == EVERY_CLASS))


def in_force(session: Session) -> Mapping[Spot, AcceptanceOverride]:
    """What persons have said and what has not ended."""
    rows = session.scalars(
        select(AcceptanceOverride).where(
            col(AcceptanceOverride.ended_at).is_(None),
            or_(
                col(AcceptanceOverride.until).is_(None), col(AcceptanceOverride.until) > clock.now()
            ),
        )
    )
    return {(row.location_id, row.sku_class): row for row in rows}


def _one(
    place: Location,
    sku_class: str,
    counts: Mapping[Spot, tuple[float, float]],
    said: Mapping[Spot, AcceptanceOverride],
    start: Prior,
) -> Acceptance:
    done, given_back = counts.get((place.id, sku_class), (0.0, 0.0))
    learned = start.mean(done, given_back)
    override = _override(said, place.id, sku_class)
    return Acceptance(
        location=place.code,
        name=place.name,
        sku_class=sku_class,
        done=done,
        given_back=given_back,
        learned=learned,
        probability=override.probability if override else learned,
        override=override,
    )


def _override(
    said: Mapping[Spot, AcceptanceOverride], place_id: UUID, sku_class: str
) -> AcceptanceOverride | None:
    return said.get((place_id, sku_class)) or said.get((place_id, EVERY_CLASS))


def _counts(session: Session, which: ColumnElement[bool]) -> Mapping[Spot, tuple[float, float]]:
    now = literal(clock.now(), UTC_TIME)
    rows = session.execute(
        select(
            col(OutcomeCount.location_id),
            col(OutcomeCount.sku_class),
            faded(col(OutcomeCount.accepted), col(OutcomeCount.as_of), now),
            faded(col(OutcomeCount.declined), col(OutcomeCount.as_of), now),
        ).where(which)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _prior(counts: Mapping[Spot, tuple[float, float]]) -> Prior:
    whole = [both for (_, sku_class), both in counts.items() if sku_class == EVERY_CLASS]
    strength = settings().acceptance_prior_fulfilments
    start = Prior(strength * _BELIEVED, strength * (1 - _BELIEVED))
    rate = start.mean(sum(done for done, _ in whole), sum(back for _, back in whole))
    return Prior(strength * rate, strength * (1 - rate))
