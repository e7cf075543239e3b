"""What the doors of stock share: commands carried out once, and rows as they are shown."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlmodel import Session

from api.schemas.stock import IncomingOut
from oms.access import commands
from oms.access.models import CommandKind
from oms.catalogue import queries as catalogue
from oms.errors import NotFound
from oms.ordering.expecting import Coming


def once(
    session: Session,
    caller: str,
    key: str,
    request: dict[str, Any],
    carry_out: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Carry a command about stock out once per key; a repetition gets the first answer."""
    answer, _ = commands.once(
        session,
        caller=caller,
        key=key,
        kind=CommandKind.STOCK,
        request=request,
        carry_out=carry_out,
    )
    return answer


def require_products(session: Session, skus: Sequence[str]) -> None:
    """Raise `NotFound` naming the articles that are not in the catalogue."""
    unknown = sorted(set(skus) - catalogue.known(session, skus))
    if unknown:
        raise NotFound(
            f"not in the catalogue: {', '.join(unknown)}",
            field="sku",
            remedy="use a SKU of the catalogue",
        )


def incoming_out(one: Coming) -> IncomingOut:
    """Units that are to come, as the API shows them."""
    return IncomingOut(
        expected_at=one.expected_at,
        units=one.units,
        document=one.document,
        in_transit=one.in_transit,
    )
