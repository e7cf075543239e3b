"""The packing slip: what is in the parcel, for whom, from where."""

from typing import Final

from api.paper.sheet import MARGIN, Paper
from api.web.formats import price
from carriers.base import Address
from carriers.labels.layout import address_lines
from oms.fulfilments.slips import Slip

_ROW: Final = 20


def packing_slip(slip: Slip, *, prices: bool) -> bytes:
    """The slip as PDF, on the paper of its recipient's country. Without `prices` it names none."""

    def head(paper: Paper) -> float:
        paper.text(slip.sender.name, x=MARGIN, y=62, size=18, bold=True, width=paper.inner * 0.6)
        edge = paper.width - MARGIN
        order = f"Order {slip.order_number}"
        paper.text(order, x=edge, y=58, size=12, bold=True, right=True, width=paper.inner * 0.38)
        paper.text(
            f"Shipment {slip.shipment} · parcel {slip.number} of {slip.count}",
            x=edge,
            y=74,
            right=True,
        )
        paper.rule(86)
        return 104

    paper = Paper(
        title=f"Packing slip {slip.order_number}", country=slip.recipient.country, head=head
    )
    _addresses(paper, slip)
    _columns(paper, prices=prices)
    for line in slip.lines:
        before = paper.page
        paper.room(_ROW)
        if paper.page != before:
            _columns(paper, prices=prices)
        paper.y += _ROW
        paper.text(str(line.units), x=MARGIN + 30, y=paper.y, bold=True, right=True)
        paper.text(line.title, x=MARGIN + 45, y=paper.y, width=paper.inner - 245)
        paper.text(line.sku, x=paper.width - MARGIN - 190, y=paper.y, size=9, width=110)
        if prices:
            told = price(line.price_minor * line.units, slip.currency)
            paper.text(told, x=paper.width - MARGIN, y=paper.y, right=True, width=75)
    units = sum(line.units for line in slip.lines)
    paper.room(40)
    paper.rule(paper.y + 12)
    paper.text(
        f"{units} article{'' if units == 1 else 's'} in this parcel"
        + (f"; the shipment comes in {slip.count} parcels" if slip.count > 1 else ""),
        x=MARGIN,
        y=paper.y + 30,
        bold=True,
    )
    return paper.content()


def _addresses(paper: Paper, slip: Slip) -> None:
    recipient = Address(
        name=slip.recipient.name,
        company=slip.recipient.company,
        street=slip.recipient.street,
        street_2=slip.recipient.street_2,
        city=slip.recipient.city,
        region=slip.recipient.region,
        postcode=slip.recipient.postcode,
        country=slip.recipient.country,
    )
    paper.text("Ship to", x=MARGIN, y=paper.y, size=9)
    paper.text("Ordered", x=MARGIN + paper.inner * 0.6, y=paper.y, size=9)
    placed = slip.placed_at.date().isoformat()
    paper.text(placed, x=MARGIN + paper.inner * 0.6, y=paper.y + 16, size=11)
    for row, (text, keep) in enumerate(address_lines(recipient)):
        line = f"{text} {keep}".strip()
        paper.text(line, x=MARGIN, y=paper.y + 16 + 15 * row, size=11, width=paper.inner * 0.55)
    paper.y += 120


def _columns(paper: Paper, *, prices: bool) -> None:
    paper.text("Units", x=MARGIN + 30, y=paper.y, size=9, right=True)
    paper.text("Article", x=MARGIN + 45, y=paper.y, size=9)
    paper.text("SKU", x=paper.width - MARGIN - 190, y=paper.y, size=9)
    if prices:
        paper.text("Price", x=paper.width - MARGIN, y=paper.y, size=9, right=True)
    paper.rule(paper.y + 6)
    paper.y += 4
