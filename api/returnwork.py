"""What the doors of returns share: a return as it is shown."""

from sqlmodel import Session

from api.schemas.returns import GoodsOut, ReturnLineOut, ReturnOut
from oms.locations import queries as locations
from oms.returns import queries, receiving
from oms.returns.models import Return


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
