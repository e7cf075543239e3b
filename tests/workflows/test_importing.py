"""An uploaded file is imported by the worker, through the relay."""

from pathlib import Path
from uuid import UUID

from oms.db import transaction
from oms.imports import beginning, uploads
from oms.imports.models import ImportKind, ImportStatus
from tests.workflows.conftest import AtWork, run, until
from tests.workflows.shop import open_shop


def test_an_uploaded_file_is_imported_by_the_worker(at_work: AtWork, tmp_path: Path) -> None:
    open_shop()
    path = tmp_path / "stock.csv"
    path.write_text("location,sku,units\nS01,MUG,3\nS01,VASE,1\n")
    with transaction() as session:
        import_id = uploads.register(
            session, path, ImportKind.STOCK, file_name="stock.csv", actor="test"
        ).id

    def done() -> bool:
        return found(import_id) is ImportStatus.DONE

    async def story() -> None:
        async with at_work() as client:
            await until(done)
            said = await client.get_workflow_handle(f"import:{import_id}").result()
            assert said == "done: 0 added, 1 changed, 1 wrong"

    run(story())


def found(import_id: UUID) -> ImportStatus:
    with transaction() as session:
        return beginning.find(session, import_id).status
