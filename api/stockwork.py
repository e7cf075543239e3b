"""What the doors of stock share: articles that must be known, and rows as they are shown."""

from collections.abc import Sequence

from sqlmodel import Session

from api.schemas.stock import IncomingOut
from oms.catalogue import queries as catalogue
from oms.errors import NotFound
from oms.ordering.expecting import Coming


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
