"""What every command of store work shares, whether it comes from the API or from a page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel
from sqlmodel import Session

from api.commanding import once
from oms.access.models import CommandKind
from oms.access.signing_in import Caller
from oms.pickup.handover import WrongCode


def once_at_store(
    session: Session,
    who: Caller,
    key: str,
    request: tuple[str, UUID, BaseModel],
    carry_out: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Carry a command of store work out once per key; a repetition gets the first answer."""
    name, subject_id, body = request
    asked = {"do": name, "to": str(subject_id), **jsonable_encoder(body)}
    return once(session, CommandKind.STORE_WORK, who, key, asked, carry_out)


def wrong_code_error(outcome: WrongCode) -> dict[str, Any]:
    """A wrong proof, in the shape of every other error. It is an answer, so it is committed."""
    locked = outcome.locked_until is not None
    return {
        "error": {
            "code": "wrong_code",
            "message": "this code is wrong; the pickup is locked for five minutes"
            if locked
            else f"this code is wrong; {outcome.attempts_left} attempts left",
            "field": "value",
            "remedy": "ask the customer to read it again, or check an identity document",
            "facts": {
                "attempts_left": outcome.attempts_left,
                "locked_until": jsonable_encoder(outcome.locked_until),
            },
        }
    }
