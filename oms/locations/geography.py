"""Where a postcode lies, offline: exact, else by the longest beginning that is on the map.

A postcode is kept without spaces and signs and in capitals, so that "sw1a 1aa" is found as
"SW1A1AA"; of a US ZIP+4 code the first five digits count.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlmodel import Session

_ZIP_DIGITS: Final = 5

FIND: Final = """
SELECT wanted.country, wanted.postcode, coalesce(exact.latitude, area.latitude),
       coalesce(exact.longitude, area.longitude), area.known
FROM unnest(CAST({countries} AS text[]), CAST({postcodes} AS text[])) AS wanted(country, postcode)
LEFT JOIN postcodes AS exact USING (country, postcode)
LEFT JOIN LATERAL (
    SELECT middle.latitude, middle.longitude, known
    FROM generate_series(
        CASE WHEN exact.country IS NULL THEN char_length(wanted.postcode) ELSE 0 END,
        2, -1
    ) AS known
    CROSS JOIN LATERAL (
        SELECT avg(near.latitude) AS latitude, avg(near.longitude) AS longitude
        FROM postcodes AS near
        WHERE near.country = wanted.country
          AND near.postcode >= left(wanted.postcode, known) COLLATE "C"
          AND near.postcode < left(wanted.postcode, known) || chr(1114111) COLLATE "C"
    ) AS middle
    WHERE middle.latitude IS NOT NULL
    ORDER BY known DESC
    LIMIT 1
) AS area ON true
WHERE exact.country IS NOT NULL OR area.known IS NOT NULL
"""
"""Coordinates of each pair that can be placed, and how many characters of it were known.

Fewer than two say too little: one digit may be a quarter of a continent.
"""

_FIND = text(FIND.format(countries=":countries", postcodes=":postcodes")).bindparams(
    bindparam("countries", type_=ARRAY(Text)), bindparam("postcodes", type_=ARRAY(Text))
)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a postcode lies. `area` is the beginning it was found by, None if it is on the map."""

    latitude: float
    longitude: float
    area: str | None


def plain_postcode(postcode: str, *, country: str) -> str:
    """A postcode as the map has it."""
    plain = "".join(sign for sign in postcode.upper() if sign.isalnum())
    return plain[:_ZIP_DIGITS] if country == "US" else plain


def find(session: Session, *, country: str, postcode: str) -> Found | None:
    """Where a postcode lies, or the middle of those that begin like it; None if there are none."""
    plain = plain_postcode(postcode, country=country)
    if not plain:
        return None
    row = session.execute(_FIND, {"countries": [country], "postcodes": [plain]}).first()
    if row is None:
        return None
    return Found(row[2], row[3], area=None if row[4] is None else plain[: row[4]])
