"""What the forms of store work send."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from api.schemas.orders import Sku, Text
from api.schemas.stores import SeenIn
from oms.errors import Invalid
from oms.fulfilments.models import RejectReason

_ABOUT_ARTICLES: Final = frozenset({RejectReason.NOT_FOUND, RejectReason.DAMAGED})


class RejectForm(SeenIn):
    """Why the location cannot do it, and which articles are concerned."""

    reason: RejectReason
    sku: list[Sku] = Field(default_factory=list, max_length=500)
    note: Text = ""

    def missing(self) -> list[str]:
        """The articles that are taken out of stock; on a page they must be named.

        An empty list would mean "all of them", which nobody should say by forgetting a tick.
        """
        if self.reason not in _ABOUT_ARTICLES:
            return []
        if not self.sku:
            raise Invalid(
                f"which article is {self.reason.value.replace('_', ' ')}?",
                field="sku",
                remedy="tick at least one article; the others stay in stock",
            )
        return sorted(set(self.sku))


def picked(skus: Sequence[str], units: Sequence[int]) -> dict[str, int]:
    """Units by SKU from a form's two columns; lines of one SKU add up."""
    if len(skus) != len(units):
        raise Invalid(
            "the pick list is incomplete",
            field="units",
            remedy="reload the page and count again",
        )
    total: dict[str, int] = {}
    for sku, count in zip(skus, units, strict=True):
        total[sku] = total.get(sku, 0) + count
    return total
