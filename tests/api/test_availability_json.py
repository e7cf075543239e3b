"""The hand-written JSON of availability says what its schema says, letter by letter."""

from datetime import UTC, datetime
from uuid import uuid4

from pydantic import TypeAdapter

from api.availability_json import written
from api.schemas.stock import AvailabilityOut
from api.stockwork import incoming_out
from oms.inventory.availability import Availability
from oms.ordering.expecting import Coming

HERE, THERE = uuid4(), uuid4()
CODES = {HERE: 'S"01\\é', THERE: "S02"}
ROWS = [
    Availability('MU"G', HERE, 20, 1, 2, 1, 3, 1, 2, 4, 1),
    Availability('MU"G', THERE, 5, 0, 0),
    Availability("LAMP", HERE, 5, 0, 0),
    Availability("LAMP", THERE, 1, 1, 3, buffer=9),
]
COMING = [
    Coming("LAMP", HERE, datetime(2030, 1, day, tzinfo=UTC), day, f"PO-{day}", day == 2)
    for day in (1, 2)
]


def test_every_figure_is_told_as_the_schema_names_it() -> None:
    expected = [
        AvailabilityOut(
            location=CODES[row.location_id],
            promisable=row.promisable,
            incoming=[
                incoming_out(one)
                for one in COMING
                if (one.sku, one.location_id) == (row.sku, row.location_id)
            ],
            **{name: value for name, value in row._asdict().items() if name != "location_id"},
        )
        for row in ROWS
    ]
    body = written(ROWS, codes=CODES, coming=COMING)
    told = TypeAdapter(list[AvailabilityOut]).validate_json(body)
    assert told == expected
    assert [len(row.incoming) for row in told] == [0, 0, 2, 0]
    assert [row.promisable for row in told] == [5, 5, 5, 0]


def test_nothing_in_stock_is_an_empty_list() -> None:
    assert written([], codes={}, coming=[]) == b"[]"
