"""Cases for a person over the API: read, resolved once, writebacks retried."""

from uuid import UUID, uuid4

from oms.channels import writebacks
from oms.channels.models import Writeback, WritebackKind, WritebackStatus
from oms.db import transaction
from oms.ordering import placing
from tests.api.asking import Api, error_of, everything
from tests.api.test_webhooks import send
from tests.builders import a_new_order
from tests.oms.channels.test_inbox import an_event


def test_a_case_is_resolved_once_and_leaves_the_list(api: Api) -> None:
    send(api.client, an_event(total="a lot"))
    [case] = api.get("/v1/exceptions").json()
    assert case["owner"] == "operations"
    path = f"/v1/exceptions/{case['id']}/resolve"
    answer = api.post(path, {"resolution": "entered by hand"})
    assert (answer.status_code, answer.json()["id"]) == (200, case["id"])
    assert api.get("/v1/exceptions").json() == []
    before = everything()
    error = error_of(api.post(path, {"resolution": "again"}), 409, "conflict")
    assert error["field"] == "exception_id"
    error = error_of(api.post(path, {"resolution": " "}), 422, "malformed_request")
    assert error["field"] == "resolution"
    missing = f"/v1/exceptions/{uuid4()}/resolve"
    assert error_of(api.post(missing, {"resolution": "x"}), 404, "not_found")["field"] == (
        "exception_id"
    )
    assert everything() == before


def test_what_is_not_there_cannot_be_replayed_or_retried(api: Api) -> None:
    before = everything()
    for path, field in (
        (f"/v1/messages/{uuid4()}/replay", "message_id"),
        (f"/v1/writebacks/{uuid4()}/retry", "writeback_id"),
    ):
        assert error_of(api.post(path), 404, "not_found")["field"] == field
    assert everything() == before


def a_writeback() -> UUID:
    """A cancellation that the reference channel must be told."""
    with transaction() as session:
        order = placing.place(session, a_new_order(), actor="test")
        owed = writebacks.owe(
            session, order_id=order.id, kind=WritebackKind.CANCELLED, subject_id=order.id
        )
        assert owed is not None
        return owed


def test_a_dead_writeback_is_owed_again_on_demand(api: Api) -> None:
    owed = a_writeback()
    path = f"/v1/writebacks/{owed}/retry"
    before = everything()
    assert error_of(api.post(path), 409, "illegal_move")["field"] == "status"
    assert everything() == before
    with transaction() as session:
        writebacks.give_up(session, owed, error="410 gone")
    [case] = api.get("/v1/exceptions").json()
    assert (case["kind"], case["cause_id"]) == ("writeback_failed", str(owed))
    assert "410 gone" in case["detail"]
    answer = api.post(path)
    assert (answer.status_code, answer.json()) == (202, {"status": "owed"})
    with transaction() as session:
        assert session.get_one(Writeback, owed).status is WritebackStatus.OWED
    assert api.get("/v1/exceptions").json() == []
