"""What is exported can be imported, and then changes nothing."""

from pathlib import Path

import pytest
from sqlmodel import Session

from oms.db import transaction
from oms.fulfilments import boxes
from oms.fulfilments.box_models import BoxType
from oms.imports.exporting import QUERIES, export
from oms.imports.layouts import LAYOUTS
from oms.imports.models import ImportKind
from oms.inventory import bins
from oms.inventory.bins import Bin
from tests.builders import a_listing, an_order
from tests.oms.imports.files import imported, result
from tests.oms.shop import Shop, fill

ROWS = {
    ImportKind.PRODUCTS: 3,
    ImportKind.LOCATIONS: 3,
    ImportKind.STOCK: 6,
    ImportKind.LISTINGS: 1,
    ImportKind.PRICES: 4,
    ImportKind.ORDERS: 3,
    ImportKind.BINS: 2,
    ImportKind.BOXES: 2,
}


@pytest.fixture
def full(shop: Shop) -> None:
    with transaction() as session:
        fill(session, shop)
        a_listing(session, channel="shopify", channel_sku="M-1", sku="MUG")
        for stock in (None, 5):
            row = BoxType(
                location_id=shop.riverside.id,
                code=f"BOX-{stock}",
                length_mm=300,
                width_mm=220,
                height_mm=180,
                tare_g=120,
                max_weight_g=12_000,
                stock=stock,
            )
            boxes.set_box(session, row, actor="test")
        places = [Bin("Food", "A", "7"), Bin("", "", "8", rank=2)]
        bins.set_bins(
            session, location_id=shop.riverside.id, sku="MUG", places=places, actor="test"
        )
        an_order(session, {"MUG": 2, "LAMP": 1})
        an_order(session, {"MUG": 1}, pickup_store="S01")


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("kind", list(ImportKind))
def test_what_is_exported_changes_nothing_when_it_is_imported(
    full: None, tmp_path: Path, kind: ImportKind, form: str
) -> None:
    path = tmp_path / f"{kind.value}.{form}"
    with transaction() as session:
        assert export(session, kind, path) == ROWS[kind]
    task = imported(kind, path)
    # Orders are counted whole.
    same = 2 if kind is ImportKind.ORDERS else ROWS[kind]
    assert result(task) == ("done", 0, 0, same, 0)


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("kind", list(ImportKind))
def test_nothing_is_exported_as_a_header(
    session: Session, tmp_path: Path, kind: ImportKind, form: str
) -> None:
    path = tmp_path / f"nothing.{form}"
    assert export(session, kind, path) == 0
    assert path.stat().st_size > 0


def test_every_column_is_exported_in_the_sequence_of_the_layout(session: Session) -> None:
    for kind, query in QUERIES.items():
        names = session.connection().exec_driver_sql(query).keys()
        assert list(names) == [column.name for column in LAYOUTS[kind].columns], kind
