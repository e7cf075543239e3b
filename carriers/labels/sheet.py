"""What stands on a shipping label or delivery slip."""

from dataclasses import dataclass
from datetime import date

from carriers.base import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands on one label or slip.

    `mark` is the big letter in the corner; `footer` is the last line, in bold. Of `notes`
    the first three are printed.
    """

    carrier: str
    service: str
    mark: str
    sender: Address
    recipient: Address
    weight_g: int
    ship_on: date
    barcode: str
    barcode_title: str
    reference: str
    notes: tuple[str, ...] = ()
    footer: str = ""
