"""Bins that come by file."""

from pathlib import Path

from oms.db import transaction
from oms.imports import exporting
from oms.imports.models import ImportKind
from oms.inventory import bins
from tests.oms.imports.files import a_file, faults, imported, result
from tests.oms.shop import Shop

BINS = ImportKind.BINS


def a_row(sku: str, place: str, **facts: object) -> dict[str, object]:
    return {"location": "S01", "sku": sku, "zone": "Food", "bin": place} | facts


def there(shop: Shop) -> list[tuple[str, int]]:
    with transaction() as session:
        found = bins.of_articles(session, location_id=shop.riverside.id, skus=["MUG"])
    return [(one.name, one.rank) for one in found.get("MUG", ())]


def test_bins_come_change_rank_and_go(shop: Shop, tmp_path: Path) -> None:
    first = [a_row("MUG", "1", rank=2, gone="no"), a_row("MUG", "2", rank=1, gone="no")]
    assert result(imported(BINS, a_file(tmp_path, first))) == ("done", 2, 0, 0, 0)
    assert there(shop) == [("Food · 2", 1), ("Food · 1", 2)]
    second = [
        a_row("MUG", "1", rank=2, gone=""),
        a_row("MUG", "2", rank=3, gone=""),
        a_row("LAMP", "2", rank=1, gone="yes"),
        a_row("MUG", "3", rank="", gone=""),
    ]
    assert result(imported(BINS, a_file(tmp_path, second))) == ("done", 1, 1, 2, 0)
    assert there(shop) == [("Food · 3", 1), ("Food · 1", 2), ("Food · 2", 3)]
    gone = [a_row("MUG", "1", gone="true")]
    assert result(imported(BINS, a_file(tmp_path, gone))) == ("done", 0, 1, 0, 0)
    assert there(shop) == [("Food · 3", 1), ("Food · 2", 3)]


def test_wrong_rows_are_named_and_the_others_are_in(shop: Shop, tmp_path: Path) -> None:
    rows = [a_row("VASE", "1"), a_row("MUG", ""), a_row("MUG", "1") | {"location": "S99"}]
    task = imported(BINS, a_file(tmp_path, [*rows, a_row("MUG", "1"), a_row("MUG", "1")]))
    assert result(task) == ("done", 1, 0, 0, 4)
    assert [(one.line, one.column) for one in faults(task)] == [
        (2, "sku"),
        (3, "bin"),
        (4, "location"),
        (6, "location + sku + zone + bin"),
    ]
    assert there(shop) == [("Food · 1", 1)]


def test_what_is_exported_is_imported_unchanged(shop: Shop, tmp_path: Path) -> None:
    imported(BINS, a_file(tmp_path, [a_row("MUG", "1", aisle="3"), a_row("LAMP", "2", aisle="")]))
    path = tmp_path / "bins.csv"
    with transaction() as session:
        assert exporting.export(session, BINS, path) == 2
    assert result(imported(BINS, path)) == ("done", 0, 0, 2, 0)
