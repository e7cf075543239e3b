"""What the forms of returns at the counter send."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from api.schemas.base import In
from api.schemas.orders import Name, Text
from oms.errors import Invalid
from oms.reports import stock_at
from oms.returns.counter import Brought, Give, Wish
from oms.returns.exchanging import Instead
from oms.returns.models import Condition, Disposition

Count = Annotated[str, Field(max_length=6, pattern=r"^\d*$")]
_MOST_LINES = 500


class BringForm(In):
    """What lies on the counter, line by line, and what the customer gets for it.

    Rows without units are none; a row without a disposition is decided on later.
    """

    line_id: list[UUID] = Field(default_factory=list, max_length=_MOST_LINES)
    units: list[Count] = Field(default_factory=list, max_length=_MOST_LINES)
    reason: list[Text] = Field(default_factory=list, max_length=_MOST_LINES)
    condition: list[Condition] = Field(default_factory=list, max_length=_MOST_LINES)
    disposition: list[Disposition | Literal[""]] = Field(
        default_factory=list, max_length=_MOST_LINES
    )
    give: Give = Give.MONEY
    article: Text = ""
    article_units: Count = ""

    def brought(self) -> list[Brought]:
        """The rows with units."""
        columns = (self.line_id, self.units, self.reason, self.condition, self.disposition)
        if len({len(column) for column in columns}) > 1:
            raise Invalid(
                "the list is incomplete", field="units", remedy="reload the page and count again"
            )
        return [
            Brought(
                line_id=line_id,
                units=int(units),
                condition=condition,
                reason=reason,
                disposition=disposition or None,
            )
            for line_id, units, reason, condition, disposition in zip(*columns, strict=True)
            if units and int(units)
        ]

    def wish(self, unit: Session) -> Wish:
        """What the customer gets; the new article may be given by barcode, SKU or name."""
        if self.give is not Give.EXCHANGE:
            return Wish(self.give)
        found = stock_at.find(unit, self.article)
        if len(found) != 1:
            raise Invalid(
                f"“{self.article}” is {'no article' if not found else f'{len(found)} articles'}",
                field="article",
                remedy="scan the barcode of the new article, or type its SKU",
            )
        return Wish(self.give, (Instead(found[0].sku, int(self.article_units or 1)),))


class TakeForm(BringForm):
    """The same for a return that was asked for elsewhere, as it was seen."""

    version: Annotated[int, Field(gt=0)]


class DecideForm(In):
    """What becomes of goods, and in which state they are if nobody has looked yet."""

    condition: Condition | None = None
    disposition: Disposition


class PaidForm(In):
    """The till's own number of the paying out."""

    reference: Annotated[Name, Field(max_length=200)]


class NoReceiptForm(In):
    """Goods that nobody has a receipt for."""

    sku: Annotated[Name, Field(max_length=64)]
    units: Annotated[int, Field(gt=0, le=100)]
    condition: Condition
    disposition: Disposition
