"""What the forms of store work send."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from api.schemas.orders import Sku, Text
from api.schemas.stores import SeenIn, Units
from oms.errors import Invalid
from oms.fulfilments.models import RejectReason
from oms.pickup.handover import Shown
from oms.pickup.models import Proof, Rest

_CODE_LENGTH: Final = 6
_ABOUT_ARTICLES: Final = frozenset({RejectReason.NOT_FOUND, RejectReason.DAMAGED})


class PutBackForm(SeenIn):
    """What was scanned on its way back to the sales shelf, article by article."""

    sku: list[Sku] = Field(default_factory=list, max_length=500)
    units: list[Units] = Field(default_factory=list, max_length=500)


class ReadyForm(PutBackForm):
    """What was picked, article by article, and where it lies."""

    shelf: Text = ""


class HandOverForm(PutBackForm):
    """A QR token or six digits, or the kind of document; with units, only these are taken."""

    value: Text = ""
    document: Text = ""
    collected_by: Text = ""
    part: bool = False
    rest: Rest = Rest.STAYS
    signature: Annotated[str, Field(max_length=20_000)] = ""

    def taken(self) -> dict[str, int] | None:
        """Units by SKU that the customer takes; None if it is everything."""
        return picked(self.sku, self.units) if self.part else None

    def shown(self) -> Shown:
        """What the person showed: six digits are the code, anything else that was read a QR."""
        by = self.collected_by or None
        if self.document:
            return Shown(Proof.IDENTITY, self.document, by, self.signature)
        if not self.value:
            raise Invalid(
                "nothing was scanned or typed",
                field="value",
                remedy="scan the customer's QR code, type the six digits, or check a document",
            )
        code = self.value.replace(" ", "")
        if code.isdecimal() and len(code) <= _CODE_LENGTH:
            return Shown(Proof.CODE, code, by, self.signature)
        return Shown(Proof.QR, self.value, by, self.signature)


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
