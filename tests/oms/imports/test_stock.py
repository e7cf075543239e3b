"""Stock that is counted by file: through the ledger, never below what is promised."""

import threading
from pathlib import Path

import pytest
from sqlmodel import col, select

from oms.db import transaction
from oms.imports import running
from oms.imports.models import ImportKind
from oms.inventory import availability, condition, counts_wanted, receiving, rules, trust
from oms.inventory.models import StockBalance, StockMovement
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.ordering import placing
from oms.outbox.models import OutboxRow
from tests.builders import a_new_order, a_product, an_order
from tests.oms.imports.files import a_file, counts, faults, imported, result
from tests.oms.shop import Shop, balance

STOCK = ImportKind.STOCK


def on_hand() -> dict[tuple[str, object], tuple[int, int]]:
    with transaction() as session:
        return {
            (row.sku, row.location_id): (row.on_hand, row.safety)
            for row in session.exec(select(StockBalance))
        }


def test_counts_open_and_change_balances_through_the_ledger(shop: Shop, tmp_path: Path) -> None:
    first = a_file(tmp_path, counts(("S01", "MUG", 5), ("S01", "LAMP", 0), ("S02", "MUG", 7)))
    assert result(imported(STOCK, first)) == ("done", 3, 0, 0, 0)
    second = a_file(tmp_path, counts(("S01", "MUG", 3), ("S02", "MUG", 7), ("W01", "MUG", 1)))
    task = imported(STOCK, second)
    assert result(task) == ("done", 1, 1, 1, 0)
    assert on_hand() == {
        ("MUG", shop.riverside.id): (3, 0),
        ("LAMP", shop.riverside.id): (0, 0),
        ("MUG", shop.harbour.id): (7, 0),
        ("MUG", shop.depot.id): (1, 0),
    }
    with transaction() as session:
        rows = session.exec(select(StockMovement).where(StockMovement.cause_id == task.id)).all()
    assert sorted((row.sku, row.on_hand_delta, row.kind.value, row.actor) for row in rows) == [
        ("MUG", -2, "count", "test"),
        ("MUG", 1, "count", "test"),
    ]


def test_safety_follows_the_file_where_it_is_given(shop: Shop, tmp_path: Path) -> None:
    imported(STOCK, a_file(tmp_path, [{"location": "S01", "sku": "MUG", "units": 5, "safety": 2}]))
    imported(STOCK, a_file(tmp_path, counts(("S01", "MUG", 6))))
    assert on_hand()["MUG", shop.riverside.id] == (6, 2)
    task = imported(
        STOCK, a_file(tmp_path, [{"location": "S01", "sku": "MUG", "units": 6, "safety": 1}])
    )
    assert result(task) == ("done", 0, 1, 0, 0)
    assert on_hand()["MUG", shop.riverside.id] == (6, 1)


def test_the_same_file_again_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    path = a_file(tmp_path, counts(("S01", "MUG", 5)))
    task = imported(STOCK, path)
    with transaction() as session:
        receiving.receive(session, sku="MUG", location_id=shop.riverside.id, units=4, actor="test")
    again = imported(STOCK, path)
    assert again.id == task.id
    assert on_hand()["MUG", shop.riverside.id] == (9, 0)
    anew = imported(STOCK, path, again=True)
    assert (anew.round, result(anew)) == (2, ("done", 0, 1, 0, 0))
    assert on_hand()["MUG", shop.riverside.id] == (5, 0)


def test_wrong_rows_are_told_with_line_and_reason_and_the_good_ones_go_in(
    shop: Shop, tmp_path: Path
) -> None:
    with transaction() as session:
        receiving.receive(session, sku="MUG", location_id=shop.riverside.id, units=4, actor="t")
        an_order(session, {"MUG": 3}, pickup_store="S01")
    task = imported(
        STOCK,
        a_file(
            tmp_path,
            counts(
                ("S01", "MUG", 2), ("S99", "MUG", 1), ("S02", "VASE", 1), ("S02", "MUG", -1),
                ("S02", "LAMP", "many"), ("W01", "MUG", 8), ("W01", "MUG", 9), ("S02", "", 1),
                ("S02", "X" * 65, 1), ("S02", "MUG", 1_000_000_000),
            ),
        ),
    )  # fmt: skip
    assert result(task) == ("done", 1, 0, 0, 9)
    assert [(one.line, one.column, one.value[:4], one.reason) for one in faults(task)] == [
        (2, "units", "2", "is less than the 3 units that are reserved for orders there"),
        (3, "location", "S99", "there is no such location"),
        (4, "sku", "VASE", "there is no such product"),
        (5, "units", "-1", "is less than 0"),
        (6, "units", "many", "is not a whole number"),
        (8, "location + sku", "W01 ", "is there already, on line 7, which is the one that counts"),
        (9, "sku", "", "is empty"),
        (10, "sku", "XXXX", "has 65 characters, and at most 64 fit"),
        (11, "units", "1000", "is more than 100,000,000"),
    ]
    assert all(one.remedy for one in faults(task))
    assert on_hand() == {("MUG", shop.riverside.id): (4, 0), ("MUG", shop.depot.id): (8, 0)}


def test_nothing_goes_in_when_all_or_nothing_is_asked_for(shop: Shop, tmp_path: Path) -> None:
    path = a_file(tmp_path, counts(("S01", "MUG", 5), ("S01", "VASE", 1)))
    task = imported(STOCK, path, atomic=True)
    assert result(task) == ("refused", 0, 0, 0, 1)
    assert task.problem == "1 row was wrong, so none was taken"
    assert (on_hand(), len(faults(task))) == ({}, 1)
    with transaction() as session:
        a_product(session, "VASE")
    assert result(imported(STOCK, path, atomic=True)) == ("done", 2, 0, 0, 0)
    assert faults(task) == []


def test_a_dry_run_tells_what_would_be_and_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    path = a_file(tmp_path, counts(("S01", "MUG", 5), ("S01", "VASE", 1)))
    for atomic in (False, True):
        task = imported(STOCK, path, dry_run=True, atomic=atomic)
        assert (task.added, task.wrong, on_hand()) == (0 if atomic else 1, 1, {})
    assert result(imported(STOCK, path)) == ("done", 1, 0, 0, 1)


@pytest.mark.parametrize("after", [1, 2])
def test_an_interrupted_import_carries_on_where_it_stopped(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setitem(
        running.KINDS,
        STOCK,
        running.Kind(running.KINDS[STOCK].enter, piece_rows=2),  # type: ignore[arg-type]
    )
    rows = counts(
        ("S01", "MUG", 1), ("S02", "MUG", 2), ("W01", "MUG", 3), ("S01", "LAMP", 4),
        ("S01", "MUG", 9), ("W01", "LAMP", 5),
    )  # fmt: skip
    path = a_file(tmp_path, rows)
    told: list[int] = []

    def stop(progress: running.Progress) -> None:
        told.append(progress.rows_done)
        if len(told) == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(STOCK, path, tell=stop)
    with transaction() as session:  # sold meanwhile: counted rows are not counted again
        receiving.receive(session, sku="MUG", location_id=shop.riverside.id, units=10, actor="t")
    task = imported(STOCK, path)
    assert result(task) == ("done", 5, 0, 0, 1)
    assert [(one.line, one.reason[:27]) for one in faults(task)] == [
        (6, "is there already, on line 2")
    ]
    assert on_hand()["MUG", shop.riverside.id] == (11, 0)


def test_orders_that_wait_for_an_article_are_told(shop: Shop, tmp_path: Path) -> None:
    with transaction() as session:
        order = placing.place(session, a_new_order({"MUG": 1}), actor="test")
        assert order.status.value == "backordered"
    imported(STOCK, a_file(tmp_path, counts(("S01", "MUG", 5), ("S01", "LAMP", 5))))
    with transaction() as session:
        rows = session.exec(
            select(OutboxRow).where(col(OutboxRow.topic) == "stock.increased")
        ).all()
    assert [row.detail for row in rows] == ["MUG"]


def test_a_second_process_does_not_take_the_same_file(shop: Shop, tmp_path: Path) -> None:
    path = a_file(tmp_path, counts(("S01", "MUG", 5)))
    inside, go_on = threading.Event(), threading.Event()
    first: list[object] = []

    def wait(_: running.Progress) -> None:
        inside.set()
        assert go_on.wait(20)

    worker = threading.Thread(
        target=lambda: first.append(imported(STOCK, path, atomic=True, tell=wait))
    )
    worker.start()
    assert inside.wait(20)
    with pytest.raises(running.BeingImported):
        imported(STOCK, path, atomic=True)
    go_on.set()
    worker.join()
    assert [result(one) for one in first] == [("done", 1, 0, 0, 0)]  # type: ignore[arg-type]


def test_a_count_waits_for_an_order_in_the_making(shop: Shop, tmp_path: Path) -> None:
    imported(STOCK, a_file(tmp_path, counts(("S01", "MUG", 5))))
    path = a_file(tmp_path, counts(("S01", "MUG", 1)))
    done: list[object] = []
    with transaction() as session:
        an_order(session, {"MUG": 3}, pickup_store="S01")
        session.flush()
        worker = threading.Thread(target=lambda: done.append(imported(STOCK, path)))
        worker.start()
        worker.join(0.5)
        assert done == []
    worker.join(20)
    assert [result(one) for one in done] == [("done", 0, 0, 0, 1)]  # type: ignore[arg-type]
    with transaction() as session:
        assert balance(session, shop.riverside) == (5, 3)


def test_balances_that_a_file_opens_obey_the_rules_at_once(shop: Shop, tmp_path: Path) -> None:
    with transaction() as session:
        rules.set_rule(session, RuleKind.SAFETY, Scope(sku="MUG"), units=2, actor="olga")
    imported(STOCK, a_file(tmp_path, counts(("S01", "MUG", 5), ("S01", "LAMP", 5))))
    with transaction() as session:
        units = availability.promisable(session, ["MUG", "LAMP"])
    assert units == {("MUG", shop.riverside.id): 3, ("LAMP", shop.riverside.id): 5}


def test_a_file_counts_what_is_in_doubt_and_spares_what_is_set_apart(
    shop: Shop, tmp_path: Path
) -> None:
    imported(STOCK, a_file(tmp_path, counts(("S01", "MUG", 5), ("S01", "LAMP", 5))))
    here = shop.riverside.id
    with transaction() as session:
        trust.doubt(session, sku="MUG", location_id=here, actor="anna")
        condition.set_apart(
            session, sku="LAMP", location_id=here, units=2, reason="cracked", actor="anna"
        )
    task = imported(STOCK, a_file(tmp_path, counts(("S01", "MUG", 4), ("S01", "LAMP", 1))))
    assert result(task) == ("done", 0, 1, 0, 1)
    with transaction() as session:
        assert availability.promisable(session, ["MUG", "LAMP"]) == {
            ("MUG", here): 4,
            ("LAMP", here): 3,
        }
        assert counts_wanted.of_location(session, here) == []
