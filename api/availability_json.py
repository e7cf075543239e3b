"""Availability as JSON, row by row: the objects of six thousand rows would take most of an answer.

The text is that of `AvailabilityOut`, and the tests hold the two together. Stores that have the
same figures share the text of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final
from uuid import UUID

from pydantic_core import to_json

from api.stockwork import incoming_out
from oms.inventory.availability import Availability
from oms.ordering.expecting import Coming

_NAMES: Final = Availability._fields[2:]


def written(
    rows: Iterable[Availability], *, codes: Mapping[UUID, str], coming: Sequence[Coming]
) -> bytes:
    """The rows as a JSON list; `codes` are the locations', `coming` is what is still to come."""
    return f"[{','.join(_objects(rows, codes, coming))}]".encode()


def _objects(
    rows: Iterable[Availability], codes: Mapping[UUID, str], coming: Sequence[Coming]
) -> Iterator[str]:
    awaited = {(one.sku, one.location_id) for one in coming}
    known: dict[tuple[object, ...], str] = {}
    for row in rows:
        figures = known.get(row[2:])
        if figures is None:
            figures = known[row[2:]] = _figures(row)
        incoming = _incoming(row, coming) if awaited and row[:2] in awaited else "[]"
        yield (
            f'{{"sku":{_quoted(row.sku)},"location":{_quoted(codes[row.location_id])},'
            f'{figures},"incoming":{incoming}}}'
        )


def _figures(row: Availability) -> str:
    figures = {name: getattr(row, name) for name in _NAMES} | {"promisable": row.promisable}
    return to_json(figures).decode()[1:-1]


def _incoming(row: Availability, coming: Sequence[Coming]) -> str:
    here = (one for one in coming if (one.sku, one.location_id) == (row.sku, row.location_id))
    return to_json([incoming_out(one).model_dump(mode="json") for one in here]).decode()


@lru_cache(maxsize=10_000)
def _quoted(text: str) -> str:
    return to_json(text).decode()
