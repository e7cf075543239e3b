"""Labels of the stand-ins: ours in looks, marked as worth nothing."""

from datetime import date

from carriers.base import Address, LabelFormat
from carriers.labels.drawing import draw
from carriers.labels.sheet import Sheet

_FOOTER = "SIMULATED · NOT VALID FOR CARRIAGE"


def picture(
    kind: LabelFormat,
    *,
    carrier: str,
    service: str,
    number: str,
    reference: str,
    sender: Address,
    recipient: Address,
    weight_g: int,
    ship_on: date,
) -> bytes:
    """The label's bytes; a scanner reads the tracking number from it."""
    return draw(
        Sheet(
            carrier=carrier,
            service=service,
            mark=service[:1].upper(),
            sender=sender,
            recipient=recipient,
            weight_g=weight_g,
            ship_on=ship_on,
            barcode=number,
            barcode_title="TRACKING NUMBER",
            reference=reference,
            footer=_FOOTER,
        ),
        kind,
    )
