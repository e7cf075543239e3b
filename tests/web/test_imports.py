"""Operations send a file in a real browser and see what became of it."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from oms.db import transaction
from oms.imports import running, uploads
from oms.imports.models import Import
from tests.web.conftest import SIZES, OpenWindow


def work() -> UUID:
    """What the worker does with the newest import."""
    with transaction() as unit:
        [import_id] = unit.exec(select(Import.id)).all()
    with uploads.fetched(import_id) as sheet:
        assert sheet is not None
        running.run(import_id, sheet)
    return import_id


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_file_is_sent_and_watched(open_window: OpenWindow, tmp_path: Path, size: str) -> None:
    path = tmp_path / "stock-of-riverside.csv"
    path.write_text("location,sku,units\nS01,MUG,9\nS01,VASE,1\n")
    window = open_window(size)
    page = window.sign_in_to_operations()
    page.get_by_role("link", name="Imports").click()
    page.get_by_label("What the rows are").select_option("Stock")
    page.locator("input[type=file]").set_input_files(path)
    window.shoot("imports-empty")
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#notice")).to_have_text("Received. A worker imports it now.")
    expect(page.locator("#card")).to_contain_text("Waiting for a worker")
    window.shoot("imports-waiting")
    import_id = work()
    expect(page.locator("#card .badge")).to_have_text("Done")
    expect(page.locator("#card")).to_contain_text("0 added, 1 changed, 0 as they were, 1 wrong")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    window.shoot("imports-done")
    with page.expect_download() as download:
        page.get_by_role("link", name="What was wrong").click()
    assert f"/v1/imports/{import_id}/errors" in download.value.url
    assert "3,sku,VASE,there is no such product" in Path(download.value.path()).read_text()

    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#notice")).to_contain_text("This very file was imported before")


def test_a_file_that_is_not_as_it_should_be_is_refused_at_once(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("location,sku,unit\n")
    page = open_window("desktop").sign_in_to_operations()
    page.goto(page.url + "/imports")
    page.get_by_label("What the rows are").select_option("Stock")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#notice")).to_contain_text("there is no column 'unit'; is it 'units'?")
    expect(page.locator("#card")).to_contain_text("Nothing was imported yet")
