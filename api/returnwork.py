"""What the doors of returns share: commands carried out once, and a return as it is shown."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from api.schemas.returns import GoodsOut, ReturnLineOut, ReturnOut
from oms.access import commands
from oms.access.models import CommandKind
from oms.access.signing_in import Caller
from oms.locations import queries as locations
from oms.returns import queries, receiving
from oms.returns.models import Return


def once(
    session: Session,
    who: Caller,
    key: str,
    request: dict[str, Any],
    carry_out: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Carry a command about returns out once per key; a repetition gets the first answer."""
    answer, _ = commands.once(
        session,
        caller=who.actor,
        key=key,
        kind=CommandKind.RETURNS,
        request=request,
        carry_out=carry_out,
    )
    return answer


def shown(session: Session, row: Return) -> ReturnOut:
    """A return with what was asked, what came, and what is missing."""
    session.flush()
    codes = locations.codes(session)
    return ReturnOut.model_validate(
        row.model_dump()
        | {
            "lines": [ReturnLineOut.model_validate(one) for one in queries.lines(session, row.id)],
            "goods": [
                GoodsOut.model_validate(one.model_dump() | {"location": codes[one.location_id]})
                for one in queries.goods(session, row.id)
            ],
            "missing": receiving.missing(session, row),
        }
    )
