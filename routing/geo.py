"""Distances over the globe and the tariff zones they fall in.

    hav(θ) = sin²(Δlat/2) + cos lat₁ · cos lat₂ · sin²(Δlon/2)        the haversine of the angle
    |u - v|² = 4 · hav(θ)                                             u, v: unit vectors
    miles = 2 · R · arcsin(√hav(θ)),   R = 3,958.8

The squared chord |u - v|² grows with the distance and needs no trigonometry once the locations'
unit vectors are known, so zones are read from it: the thresholds are turned into chords instead.

Roads are longer than the great circle. A road factor says by how much on the average: distances are
multiplied by it where they are told, and the thresholds divided by it where zones are read.
"""

from collections.abc import Sequence
from math import cos, inf, pi, radians, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_MILES: Final = 3_958.8

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def unit_vectors(lat: Sequence[float], lon: Sequence[float]) -> Floats:
    """Return the points on the unit sphere, one column each; degrees in."""
    lats, lons = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    return np.stack([np.cos(lats) * np.cos(lons), np.cos(lats) * np.sin(lons), np.sin(lats)])


def squared_chords(points: Floats, *, lat: float, lon: float) -> Floats:
    """Return each point's squared chord to one place: 0 there, 4 at the antipodes."""
    la, lo = radians(lat), radians(lon)
    apart = points - np.array([[cos(la) * cos(lo)], [cos(la) * sin(lo)], [sin(la)]])
    squares: Floats = np.einsum("ij,ij->j", apart, apart)
    return squares


def miles(chords: Floats, *, road_factor: float = 1.0) -> Floats:
    """Return the distances of squared chords, in miles."""
    angles: Floats = 2 * np.arcsin(np.sqrt(np.clip(chords, 0, 4)) / 2)
    return road_factor * EARTH_RADIUS_MILES * angles


def zone_edges(zone_miles: Sequence[float], *, road_factor: float = 1.0) -> Floats:
    """Turn distance thresholds into squared chords; one beyond the antipodes is never passed."""
    angles = [edge / (road_factor * EARTH_RADIUS_MILES) for edge in zone_miles]
    return np.array(
        [4 * sin(angle / 2) ** 2 if angle < pi else inf for angle in angles], dtype=np.float64
    )


def zones(edges: Floats, chords: Floats) -> Ints:
    """Return for each chord the number of thresholds strictly below it: zone 1 is 0 here."""
    return np.searchsorted(edges, chords, side="left")
