"""An imported order leaves the rows that a placed one leaves, but for what tells them apart."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from oms import clock, db
from oms.db import transaction
from oms.imports import orders
from oms.imports.batches import Batch
from oms.imports.checking import Checker
from oms.imports.layouts import LAYOUTS
from oms.imports.models import ImportKind
from oms.imports.sheets import inspect, pieces
from oms.inventory.models import Reservation
from oms.locations.models import Location
from oms.ordering import placing
from oms.orders.models import Order, OrderLine
from oms.orders.new_order import NewOrder
from tests.oms.capture.both_ways import NOW, cleared, rows
from tests.oms.imports.files import ORDER, a_file, imported, result
from tests.oms.shop import Shop, fill

TOLD_APART = {
    "orders": {"version"},  # its status is not derived a second time
    "outbox": {"version"},
    "order_revisions": {"changes"},
    "audit": {"action"},
    "stock_movements": {"actor"},  # the file says where to reserve, not routing
}
LINE = st.fixed_dictionaries(
    {
        "sku": st.sampled_from(["MUG", "LAMP"]),
        "quantity": st.integers(1, 3),
        "title": st.sampled_from(["", "A thing"]),
        "tax_minor": st.integers(0, 9),
        "discount_minor": st.integers(0, 9),
    }
)
DRAWN = st.fixed_dictionaries(
    {
        "lines": st.lists(LINE, min_size=1, max_size=3),
        "store": st.sampled_from(["", "S01"]),
        "email": st.sampled_from(["", "ada@example.com", "Ada@Example.com"]),
        "promise_by": st.sampled_from(["", "2026-03-09T12:00:00Z"]),
        "latitude": st.sampled_from(["", "40.71"]),
    }
)


def cells(number: int, drawn: dict[str, Any]) -> list[dict[str, object]]:
    """The rows of an order in a file."""
    return [
        {
            **ORDER,
            "external_id": f"E{number}",
            "display_number": f"#{number}",
            "customer_email": drawn["email"],
            "delivery": "pickup" if drawn["store"] else "ship",
            "pickup_store": drawn["store"],
            "promise_by": drawn["promise_by"],
            "latitude": drawn["latitude"],
            "longitude": drawn["latitude"] and "-74.0",
            "line_id": str(at),
            **line,
        }
        for at, line in enumerate(drawn["lines"], start=1)
    ]


def stated(path: Path) -> list[NewOrder]:
    """The orders as the file states them."""
    layout = LAYOUTS[ImportKind.ORDERS]
    sheet = inspect(path, layout)
    [piece] = pieces(sheet, rows=1_000)
    checked = Checker(layout, sheet.columns).check(piece, first=0)
    assert checked.faults == []
    batch = Batch(layout, sheet.columns, checked.rows, uuid4(), "test")
    return [group.new for group in orders.prepare(batch)]


def places(session: Session, order: Order) -> Sequence[str]:
    """Where each line is held."""
    session.flush()
    return session.exec(
        select(Location.code)
        .join(Reservation, col(Reservation.location_id) == Location.id)
        .join(OrderLine, col(OrderLine.id) == Reservation.line_id)
        .where(Reservation.order_id == order.id)
        .order_by(col(OrderLine.position))
    ).all()


def alike(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The rows without what tells the two ways apart."""
    return {
        table: sorted(
            json.dumps(
                {
                    key: value
                    for key, value in json.loads(row).items()
                    if key not in TOLD_APART.get(table, ())
                },
                sort_keys=True,
            )
            for row in some
            if '"import"' not in row  # what is told of the import itself
        )
        for table, some in (
            (table, [row.replace("order.imported", "order.captured") for row in rows])
            for table, rows in found.items()
        )
    }


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=st.lists(DRAWN, min_size=1, max_size=4))
def test_an_imported_order_leaves_the_rows_of_a_placed_one(
    shop: Shop, tmp_path: Path, drawn: list[dict[str, Any]]
) -> None:
    cleared()
    with transaction() as session:
        fill(session, shop, units=60)
    grouped = [cells(number, one) for number, one in enumerate(drawn, start=1)]
    path = a_file(tmp_path, [row for some in grouped for row in some])
    with clock.at(NOW):
        with Session(db.engine()) as session:
            for some, new in zip(grouped, stated(path), strict=True):
                order = placing.place(session, new, actor="test")
                where = places(session, order)
                for row, code in zip(some, where, strict=True):
                    row["reserve_at"] = code
            expected = alike(rows(session))
            session.rollback()
        path = a_file(tmp_path, [row for some in grouped for row in some])
        done = imported(ImportKind.ORDERS, path, again=True)
        assert result(done) == ("done", len(drawn), 0, 0, 0)
        with transaction() as session:
            assert alike(rows(session)) == expected
