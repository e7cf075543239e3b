"""Acceptance is learned from what locations did and gave back, and a person may know better."""

from datetime import timedelta
from math import isclose

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.audit.models import AuditRow
from oms.catalogue.models import Product
from oms.errors import Invalid, NotFound
from oms.fulfilments import giving_back, packing, picking
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import RejectReason
from oms.fulfilments.outcomes import DECLINES, EVERY_CLASS
from oms.locations.models import Location
from oms.pickup import preparing
from oms.settings import settings
from oms.sourcing import acceptance, overriding
from tests.builders import an_order, later, refused
from tests.oms.shop import Shop, fill, routed, the_pickup

STRENGTH = 20.0
BELIEVED = 0.98


@pytest.fixture
def kitchen(session: Session, shop: Shop) -> Shop:
    """The shop, filled; mugs are of the class kitchen, lamps of none."""
    fill(session, shop, units=50)
    session.get_one(Product, "MUG").category = "kitchen"
    session.flush()
    return shop


def known(session: Session) -> dict[tuple[str, str], tuple[float, float]]:
    """Fulfilments done and given back by location and class, where there are any."""
    return {
        (one.location, one.sku_class): (round(one.done, 6), round(one.given_back, 6))
        for code in ("S01", "S02", "W01")
        for one in acceptance.listed(session, location=code)
        if one.done or one.given_back
    }


def do(session: Session, wanted: dict[str, int]) -> None:
    """An order that its location packs."""
    order = an_order(session, wanted)
    [part] = routed(session, order)
    picking.start(session, part.id, actor="anna")
    packing.pack(session, part.id, picked=wanted, actor="anna")


def give_back(
    session: Session, wanted: dict[str, int], reason: RejectReason, *, skus: tuple[str, ...] = ()
) -> None:
    """An order that its location gives back."""
    order = an_order(session, wanted)
    [part] = routed(session, order)
    giving_back.reject(session, part.id, reason=reason, skus=skus, actor="anna")


def mean(done: float, given_back: float, *, rate: float) -> float:
    """The posterior mean, from the documented formula."""
    return (STRENGTH * rate + done) / (STRENGTH + done + given_back)


def test_every_reason_is_said_to_count_or_not() -> None:
    assert set(DECLINES) == set(RejectReason)


def test_work_done_and_given_back_is_counted_by_class_and_as_a_whole(
    session: Session, kitchen: Shop
) -> None:
    assert known(session) == {}
    do(session, {"MUG": 1, "LAMP": 1})
    assert known(session) == {("S01", EVERY_CLASS): (1, 0), ("S01", "kitchen"): (1, 0)}
    give_back(session, {"MUG": 1, "LAMP": 1}, RejectReason.TOO_BUSY)
    assert known(session) == {("S01", EVERY_CLASS): (1, 1), ("S01", "kitchen"): (1, 1)}


def test_of_all_locations_only_the_whole_and_what_was_spoken_of_is_listed(
    session: Session, kitchen: Shop
) -> None:
    do(session, {"MUG": 1})
    overriding.set_override(
        session, "S02", probability=0.5, reason="x", sku_class="light", actor="olga"
    )
    every = [(one.location, one.sku_class) for one in acceptance.listed(session)]
    assert every == [("S01", ""), ("S02", ""), ("S02", "light"), ("W01", "")]
    one = [row.sku_class for row in acceptance.listed(session, location="S01")]
    assert one == ["", "kitchen"]


def test_only_the_class_of_the_articles_at_fault_is_given_back(
    session: Session, kitchen: Shop
) -> None:
    give_back(session, {"MUG": 1, "LAMP": 1}, RejectReason.DAMAGED, skus=("LAMP",))
    assert known(session) == {("S01", EVERY_CLASS): (0, 1)}
    give_back(session, {"MUG": 1, "LAMP": 1}, RejectReason.NOT_FOUND, skus=("MUG",))
    assert known(session)["S01", "kitchen"] == (0, 1)


def test_a_pickup_that_is_ready_or_given_back_counts_as_well(
    session: Session, kitchen: Shop
) -> None:
    for step in ("ready", "rejected"):
        order = an_order(session, {"MUG": 1}, pickup_store="S02")
        [part] = routed(session, order)
        pickup = the_pickup(session, part)
        if step == "ready":
            preparing.start(session, pickup.id, actor="anna")
            preparing.mark_ready(session, pickup.id, picked={"MUG": 1}, shelf="B2", actor="anna")
        else:
            preparing.reject(session, pickup.id, reason=RejectReason.CLOSED, actor="anna")
    assert known(session)["S02", EVERY_CLASS] == (1, 1)


def test_the_probability_is_the_posterior_mean_from_the_network_s_own_rate(
    session: Session, kitchen: Shop
) -> None:
    everywhere = acceptance.current(session, ["kitchen"])
    assert set(everywhere) == {(code, "kitchen") for code in ("S01", "S02", "W01")}
    assert all(isclose(found, BELIEVED) for found in everywhere.values())
    do(session, {"MUG": 1})
    give_back(session, {"MUG": 1}, RejectReason.TOO_BUSY)
    give_back(session, {"LAMP": 1}, RejectReason.TOO_BUSY)
    rate = mean(1, 2, rate=BELIEVED)
    found = acceptance.current(session, ["kitchen", EVERY_CLASS, "garden"])
    assert isclose(found["S01", "kitchen"], mean(1, 1, rate=rate), abs_tol=1e-6)
    assert isclose(found["S01", EVERY_CLASS], mean(1, 2, rate=rate), abs_tol=1e-6)
    assert isclose(found["S01", "garden"], rate, abs_tol=1e-6)
    assert isclose(found["S02", "kitchen"], rate, abs_tol=1e-6)


def test_what_was_long_ago_counts_less(session: Session, kitchen: Shop) -> None:
    half_life = timedelta(days=settings().acceptance_half_life_days)
    now = clock.now()
    with clock.at(now - half_life):
        give_back(session, {"MUG": 1}, RejectReason.TOO_BUSY)
    with clock.at(now):
        assert known(session)["S01", "kitchen"] == (0, 0.5)
        do(session, {"MUG": 1})
        assert known(session)["S01", "kitchen"] == (1, 0.5)
    with clock.at(now + half_life):
        assert known(session)["S01", "kitchen"] == (0.5, 0.25)
    with clock.at(now + 5_000 * half_life):
        assert known(session).get(("S01", "kitchen"), (0, 0)) == (0, 0)


def test_a_person_s_word_holds_for_a_class_or_for_all_without_their_own(
    session: Session, kitchen: Shop
) -> None:
    until = later(days=2)
    overriding.set_override(
        session, "S01", probability=0.2, reason="flood", until=until, actor="olga"
    )
    overriding.set_override(
        session, "S01", probability=0.9, reason="upstairs", sku_class="kitchen", actor="olga"
    )
    found = acceptance.current(session, ["kitchen", "garden"])
    assert (found["S01", "kitchen"], found["S01", "garden"]) == (0.9, 0.2)
    assert isclose(found["S02", "kitchen"], BELIEVED)
    with clock.at(until):
        found = acceptance.current(session, ["kitchen", "garden"])
        assert (found["S01", "kitchen"], round(found["S01", "garden"], 6)) == (0.9, BELIEVED)
    overriding.clear_override(session, "S01", sku_class="kitchen", because="dry", actor="olga")
    assert acceptance.current(session, ["kitchen"])["S01", "kitchen"] == 0.2


def test_an_override_is_audited_once_and_keeps_its_history(session: Session, kitchen: Shop) -> None:
    def say(probability: float) -> object:
        return overriding.set_override(
            session, "S01", probability=probability, reason="flood", actor="olga"
        ).id

    first = say(0.2)
    assert say(0.2) == first
    second = say(0.3)
    assert second != first
    [row] = acceptance.in_force(session).values()
    assert (row.id, row.probability, row.set_by) == (second, 0.3, "olga")
    place = session.exec(select(Location.id).where(Location.code == "S01")).one()
    trail = session.exec(
        select(AuditRow).where(AuditRow.subject_id == place).order_by(AuditRow.id)  # type: ignore[arg-type]
    ).all()
    assert [(one.action, one.facts["probability"]) for one in trail] == [
        ("acceptance.set", 0.2),
        ("acceptance.set", 0.3),
    ]


def test_what_makes_no_sense_is_refused(session: Session, kitchen: Shop) -> None:
    with refused(session, Invalid, "1.2 is no probability") as refusal:
        overriding.set_override(session, "S01", probability=1.2, reason="x", actor="olga")
    assert refusal.error.field == "probability"
    with refused(session, Invalid, "no reason"):
        overriding.set_override(session, "S01", probability=0.5, reason=" ", actor="olga")
    with refused(session, Invalid, "has passed"):
        overriding.set_override(
            session, "S01", probability=0.5, reason="x", until=later(days=-1), actor="olga"
        )
    with refused(session, NotFound, "no location"):
        overriding.set_override(session, "S99", probability=0.5, reason="x", actor="olga")
    with refused(session, NotFound, "nobody has overridden the acceptance of class kitchen at S01"):
        overriding.clear_override(session, "S01", sku_class="kitchen", because="x", actor="olga")


def test_counting_an_outcome_keeps_what_was_picked(session: Session, kitchen: Shop) -> None:
    order = an_order(session, {"MUG": 2})
    [part] = routed(session, order)
    picking.start(session, part.id, actor="anna")
    packing.pack(session, part.id, picked={"MUG": 2}, actor="anna")
    assert [line.picked for line in fulfilments.lines(session, part.id)] == [2]
