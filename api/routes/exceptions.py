"""Cases for a person: read them, replay a message, retry a writeback, resolve."""

from fastapi import APIRouter

from api.deps import ItemId, OperatorDep, SessionDep
from api.schemas.orders import ExceptionOut, MessageOut, ResolveIn
from oms.channels import writebacks
from oms.exceptions import cases
from workflows import carrier_news

router = APIRouter(prefix="/v1", tags=["exceptions"])


@router.get("/exceptions")
def read(session: SessionDep, _who: OperatorDep) -> list[ExceptionOut]:
    """What waits for a person, oldest first."""
    return [ExceptionOut.model_validate(case) for case in cases.open_cases(session)]


@router.post("/exceptions/{case_id}/resolve")
def resolve(
    case_id: ItemId, body: ResolveIn, session: SessionDep, who: OperatorDep
) -> ExceptionOut:
    """Close a case by hand."""
    return ExceptionOut.model_validate(
        cases.resolve(session, case_id, actor=who.actor, resolution=body.resolution)
    )


@router.post("/messages/{message_id}/replay")
def replay(message_id: ItemId, session: SessionDep, who: OperatorDep) -> MessageOut:
    """Apply a parked message again, after its cause was mended."""
    message = carrier_news.replay(session, message_id, actor=who.actor)
    return MessageOut(message_id=message.id, status=message.status.value, repeated=False)


@router.post("/writebacks/{writeback_id}/retry", status_code=202)
def retry(writeback_id: ItemId, session: SessionDep, who: OperatorDep) -> dict[str, str]:
    """Owe a dead writeback again, after its cause was mended."""
    writebacks.retry(session, writeback_id, actor=who.actor)
    return {"status": "owed"}
