"""Files sent to the API: kept, imported by the worker, watched."""

import csv
import io
from uuid import UUID

import pytest
from httpx2 import Response
from sqlmodel import select

from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.imports import running, uploads
from oms.imports.models import Import, ImportPart
from oms.outbox.models import OutboxRow
from oms.settings import settings
from tests.api.asking import Api, error_of

STOCK = "location,sku,units\nS01,MUG,9\nS01,VASE,1\n"


def send(api: Api, content: str = STOCK, **options: object) -> Response:
    params = {"kind": "stock", "file_name": "stock.csv", **options}
    return api.client.post(
        "/v1/imports",
        params=params,
        content=content.encode(),
        headers={"Authorization": f"Bearer {api.key}"},
    )


def work(import_id: str) -> None:
    """What the worker does."""
    with uploads.fetched(UUID(import_id)) as sheet:
        assert sheet is not None
        running.run(UUID(import_id), sheet)
    with transaction() as session:
        uploads.forget(session, UUID(import_id))


def test_a_file_is_kept_imported_and_watched(api: Api) -> None:
    answer = send(api)
    assert answer.status_code == 202, answer.text
    begun = answer.json()
    assert (begun["status"], begun["rows_total"], begun["rows_done"]) == ("waiting", 2, 0)
    with transaction() as session:
        rows = session.exec(select(OutboxRow).where(OutboxRow.subject_type == "import")).all()
        assert [str(row.subject_id) for row in rows] == [begun["id"]]
    work(begun["id"])
    done = api.get(f"/v1/imports/{begun['id']}").json()
    assert (done["status"], done["changed"], done["wrong"]) == ("done", 1, 1)
    assert [one["id"] for one in api.get("/v1/imports").json()] == [begun["id"]]
    told = api.get(f"/v1/imports/{begun['id']}/errors")
    assert told.headers["content-disposition"] == 'attachment; filename="stock-errors.csv"'
    assert list(csv.reader(io.StringIO(told.text))) == [
        ["line", "column", "value", "reason", "remedy"],
        ["3", "sku", "VASE", "there is no such product", "import the product first"],
    ]
    with transaction() as session:
        assert session.exec(select(ImportPart)).all() == []


def test_the_same_file_again_is_the_same_import(api: Api) -> None:
    first = send(api).json()
    assert send(api).json()["id"] == first["id"]
    work(first["id"])
    again = send(api, file_name="copy.csv")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert send(api, again="true").json()["id"] != first["id"]


def test_what_cannot_be_imported_is_refused_by_field_and_not_kept(api: Api) -> None:
    for content, options, status, code, field in (
        ("location,sku\n", {}, 422, "invalid", "units"),
        ("", {}, 422, "invalid", "file"),
        (STOCK, {"file_name": "stock.xlsx"}, 422, "invalid", "file"),
        (STOCK, {"kind": "people"}, 422, "malformed_request", "kind"),
        (STOCK, {"file_name": "a/b.csv"}, 422, "malformed_request", "file_name"),
    ):
        assert error_of(send(api, content, **options), status, code)["field"] == field
    with transaction() as session:
        assert session.exec(select(Import)).all() == []
        assert session.exec(select(ImportPart)).all() == []


def test_only_operations_may_import_and_only_so_much(api: Api) -> None:
    with transaction() as session:
        key = enrolling.issue_key(session, name="reader", scopes=[Scope.STOCK_WRITE])
    error_of(send(Api(api.client, key)), 403, "forbidden")
    error_of(send(Api(api.client, "oms_live_nobody")), 401, "unauthenticated")
    unknown = api.get("/v1/imports/00000000-0000-4000-8000-000000000000")
    assert error_of(unknown, 404, "not_found")["field"] == "import_id"


def test_a_file_that_is_too_large_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIBUTARY_IMPORT_LIMIT_BYTES", "40")
    settings.cache_clear()
    error = error_of(send(api, STOCK + "S01,LAMP,1\n" * 9), 413, "body_too_large")
    assert error["message"] == "the file is larger than 40 bytes"
