"""Cost terms add up, and another one can be plugged in."""

import numpy as np
import pytest

from routing.cost import FORBIDDEN, Per, Term, rates, shipping_terms
from routing.problem import Tariff
from tests.routing.builders import TARIFF, a_location

PLACES = (a_location("S1"), a_location("S2", parcel_cents=20, line_cents=7))


def test_a_package_costs_the_sum_of_its_terms() -> None:
    terms = shipping_terms(TARIFF, PLACES)
    total = rates(terms, max_weight_g=TARIFF.max_weight_g, locations=2)
    parts = {term.name: term.of(at=1, lines=3, band=1, zone=4) for term in terms}
    assert parts == {"postage": 580, "packing": 20, "picking": 21}
    assert total.package_cents(at=1, zone=4, lines=3, weight_g=501) == sum(parts.values())


def test_another_term_counts_as_the_others_do() -> None:
    queue = Term("congestion", Per.PARCEL, np.array([500, 0], dtype=np.int64))
    terms = (*shipping_terms(TARIFF, PLACES), queue)
    total = rates(terms, max_weight_g=TARIFF.max_weight_g, locations=2)
    assert total.package_cents(at=0, zone=0, lines=1, weight_g=1) == 400 + 100 + 50 + 500
    assert queue.of(at=0, lines=9, band=0, zone=0) == 500


@pytest.mark.parametrize(("weight_g", "band"), [(0, 0), (500, 0), (501, 1), (2000, 2), (2001, 3)])
def test_a_band_takes_weights_up_to_its_own(weight_g: int, band: int) -> None:
    total = rates(shipping_terms(TARIFF, PLACES), max_weight_g=TARIFF.max_weight_g, locations=2)
    assert total.band(weight_g) == band
    too_heavy = total.package_cents(at=0, zone=0, lines=1, weight_g=weight_g) >= FORBIDDEN
    assert too_heavy == (band == 3)


@pytest.mark.parametrize(
    ("cents", "rising", "merging_pays"),
    [
        (((400,), (500,), (700,)), True, True),
        (((400,), (300,), (700,)), False, False),
        (((100,), (900,), (950,)), True, False),
    ],
)
def test_a_tariff_tells_whether_one_parcel_beats_two(
    cents: tuple[tuple[int, ...], ...], *, rising: bool, merging_pays: bool
) -> None:
    tariff = Tariff((), (500, 1000, 2000), cents, (1,))
    total = rates(shipping_terms(tariff, PLACES), max_weight_g=tariff.max_weight_g, locations=2)
    assert (total.rising, total.merging_pays) == (rising, merging_pays)
