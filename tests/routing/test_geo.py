"""Distances and zones against the haversine formula written out."""

from math import asin, cos, pi, radians, sin, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import geo
from tests.routing.builders import CHICAGO, LOS_ANGELES, NEW_YORK, PHILADELPHIA

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    lat, other_lat = radians(one[0]), radians(other[0])
    half = sin((other_lat - lat) / 2) ** 2
    half += cos(lat) * cos(other_lat) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * 3958.8 * asin(min(1.0, sqrt(half)))


def chords(place: tuple[float, float], *others: tuple[float, float]) -> geo.Floats:
    points = geo.unit_vectors([lat for lat, _ in others], [lon for _, lon in others])
    return geo.squared_chords(points, lat=place[0], lon=place[1])


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_chord_tells_the_distance(lat: float, lon: float, to_lat: float, to_lon: float) -> None:
    found = geo.miles(chords((lat, lon), (to_lat, to_lon)))[0]
    # At the antipodes an arcsine near 1 loses half the digits.
    assert found == pytest.approx(haversine((lat, lon), (to_lat, to_lon)), abs=1e-3)


def test_known_distances() -> None:
    found = geo.miles(chords(NEW_YORK, NEW_YORK, PHILADELPHIA, CHICAGO, LOS_ANGELES))
    assert [round(float(miles)) for miles in found] == [0, 81, 711, 2446]


def test_a_threshold_is_passed_only_beyond_it() -> None:
    edges = geo.zone_edges([0, 50, 711, 20_000])
    found = geo.zones(edges, chords(NEW_YORK, NEW_YORK, PHILADELPHIA, CHICAGO, LOS_ANGELES))
    assert found.tolist() == [0, 2, 3, 3]


def test_a_road_factor_lengthens_distances_and_so_draws_the_zones_in() -> None:
    places = chords(NEW_YORK, PHILADELPHIA, CHICAGO)
    found = geo.miles(places, road_factor=1.5)
    assert found == pytest.approx(1.5 * geo.miles(places))
    assert geo.zones(geo.zone_edges([100, 1_000]), places).tolist() == [0, 1]
    assert geo.zones(geo.zone_edges([100, 1_000], road_factor=1.5), places).tolist() == [1, 2]


def test_the_way_round_the_world_ends_at_the_antipodes() -> None:
    half_round = pi * geo.EARTH_RADIUS_MILES
    assert geo.miles(np.array([4.0]))[0] == pytest.approx(half_round)
    assert geo.zones(geo.zone_edges([half_round]), np.array([4.0])).tolist() == [0]
