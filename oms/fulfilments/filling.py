"""Fill parcels by scanning: each unit goes into the open one, and nothing else does.

Scanning is the check: what was picked wrongly is found here, before a label is paid for. Parcels
are rows of their own until the last unit is in; then the shipment is packed with what they hold.
"""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from oms.audit.recording import record
from oms.catalogue import queries as catalogue
from oms.catalogue.scanning import forms
from oms.errors import Conflict, IllegalMove, Invalid, NotFound
from oms.fulfilments import boxes, open_parcels, packing, queries
from oms.fulfilments.box_models import OpenParcel, OpenParcelUnit
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.fulfilments.open_parcels import Packaging
from oms.fulfilments.packing import Box
from oms.fulfilments.planning_boxes import PlannedParcel
from oms.orders.models import Delivery
from oms.orders.queries import require_version
from oms.outbox.live import announce

MOST_PARCELS = 50


class WrongArticle(Conflict):
    """The article does not belong to this shipment."""

    code = "wrong_article"


class AllPacked(Conflict):
    """Every unit of the article is in a parcel already."""

    code = "all_packed"


class TooHeavy(Conflict):
    """The box does not carry another unit."""

    code = "too_heavy"


def begin(
    session: Session, fulfilment_id: UUID, *, actor: str, version: int | None = None
) -> OpenParcel:
    """Open the first parcel, in the box that is proposed. Repeating it changes nothing."""
    fulfilment = _in_hand(session, fulfilment_id, version=version)
    open_already = open_parcels.of_shipment(session, fulfilment_id)
    if open_already:
        return open_already[-1]
    record(
        session,
        action="fulfilment.packing",
        subject_type="fulfilment",
        subject_id=fulfilment.id,
        order_id=fulfilment.order_id,
        actor=actor,
        facts={"boxes": packing.proposal(session, fulfilment).words},
    )
    return _open(session, fulfilment, _proposed_next(session, fulfilment))


def add_parcel(
    session: Session,
    fulfilment_id: UUID,
    *,
    packaging: Packaging | None = None,
    version: int | None = None,
) -> OpenParcel:
    """Close what is open and open another; without a packaging the one for what is left."""
    fulfilment = _in_hand(session, fulfilment_id, version=version)
    if not sum(open_parcels.left(session, fulfilment).values()):
        raise Conflict(
            "everything is in a parcel already",
            field="parcel",
            remedy="close the parcels and get the labels",
        )
    existing = open_parcels.of_shipment(session, fulfilment_id)
    if any(not units for units in open_parcels.contents(session, existing).values()):
        raise Conflict(
            "there is an empty parcel", field="parcel", remedy="fill that one first, or remove it"
        )
    if len(existing) >= MOST_PARCELS:
        raise Conflict(f"a shipment has at most {MOST_PARCELS} parcels", field="parcel")
    for parcel in existing:
        parcel.closed = True
    made = _open(session, fulfilment, _proposed_next(session, fulfilment))
    if packaging is not None:
        open_parcels.wrap(session, fulfilment, made, packaging)
    return made


def scan(
    session: Session, fulfilment_id: UUID, shown: str, *, version: int | None = None
) -> tuple[OpenParcel, str]:
    """Put one unit of the scanned article into the open parcel; return that and the SKU.

    Raises `WrongArticle`, `AllPacked` or `TooHeavy`, and nothing is put anywhere.
    """
    fulfilment = _in_hand(session, fulfilment_id, version=version)
    wanted, here = (
        open_parcels.wanted(session, fulfilment),
        open_parcels.being_filled(session, fulfilment_id),
    )
    sku = _article(session, shown, wanted)
    products = catalogue.products(session, list(wanted))
    if not open_parcels.left(session, fulfilment)[sku]:
        raise AllPacked(
            f"{products[sku].name}: all {wanted[sku]} are in a parcel already",
            field="shown",
            remedy="put it back; if it belongs into another parcel, take it out there first",
        )
    units = Counter(open_parcels.contents(session, [here])[here.number])
    units[sku] += 1
    gross_g = here.tare_g + sum(products[one].weight_g * units[one] for one in units)
    if here.max_weight_g is not None and gross_g > here.max_weight_g:
        raise TooHeavy(
            f"with {products[sku].name} the parcel weighs {gross_g} g, and {here.box_code} may"
            f" weigh {here.max_weight_g} g",
            field="shown",
            remedy="open another parcel, or take a stronger box",
        )
    row = session.get(OpenParcelUnit, (fulfilment_id, here.number, sku))
    if row is None:
        row = OpenParcelUnit(fulfilment_id=fulfilment_id, number=here.number, sku=sku, quantity=0)
        session.add(row)
    row.quantity += 1
    session.flush()
    announce(session, location_id=fulfilment.location_id)
    return here, sku


def take_out(
    session: Session, fulfilment_id: UUID, number: int, sku: str, *, version: int | None = None
) -> None:
    """Take one unit of an article out of a parcel again; the parcel is open then."""
    _in_hand(session, fulfilment_id, version=version)
    parcel = open_parcels.one(session, fulfilment_id, number)
    row = session.get(OpenParcelUnit, (fulfilment_id, number, sku))
    if row is None:
        raise NotFound(
            f"parcel {number} holds no {sku}", field="sku", remedy="look into the other parcels"
        )
    if row.quantity == 1:
        session.delete(row)
    else:
        row.quantity -= 1
    _reopen(session, parcel)


def wrap(
    session: Session,
    fulfilment_id: UUID,
    number: int,
    packaging: Packaging | None = None,
    *,
    weight_g: int | None = None,
    tracking_number: str | None = None,
    version: int | None = None,
) -> OpenParcel:
    """Say in what a parcel is packed and what the scales show; without a weight it is reckoned."""
    fulfilment = _in_hand(session, fulfilment_id, version=version)
    parcel = open_parcels.one(session, fulfilment_id, number)
    if packaging is not None:
        open_parcels.wrap(session, fulfilment, parcel, packaging)
    parcel.weight_g = weight_g
    parcel.tracking_number = tracking_number or None
    session.flush()
    return parcel


def reopen(
    session: Session, fulfilment_id: UUID, number: int, *, version: int | None = None
) -> OpenParcel:
    """Scans go into this parcel from now on; the others are closed."""
    _in_hand(session, fulfilment_id, version=version)
    parcel = open_parcels.one(session, fulfilment_id, number)
    _reopen(session, parcel)
    return parcel


def remove(
    session: Session, fulfilment_id: UUID, number: int, *, version: int | None = None
) -> None:
    """Undo a parcel; what was in it is on the table again."""
    _in_hand(session, fulfilment_id, version=version)
    parcel = open_parcels.one(session, fulfilment_id, number)
    session.delete(parcel)
    session.flush()
    rest = open_parcels.of_shipment(session, fulfilment_id)
    if rest and all(one.closed for one in rest):
        rest[-1].closed = False
    session.flush()


def finish(
    session: Session, fulfilment_id: UUID, *, actor: str, version: int | None = None
) -> Fulfilment:
    """Close every parcel; the shipment is packed, and its labels are bought."""
    fulfilment = _in_hand(session, fulfilment_id, version=version)
    missing = +Counter(open_parcels.left(session, fulfilment))
    if missing:
        raise Invalid(
            "not in a parcel yet: " + ", ".join(f"{missing[sku]} {sku}" for sku in sorted(missing)),
            field="shown",
            remedy="scan each into its parcel, or give the shipment back",
        )
    filled = open_parcels.of_shipment(session, fulfilment_id)
    contents = open_parcels.contents(session, filled)
    products = catalogue.products(session, list(open_parcels.wanted(session, fulfilment)))
    listed = {box.code for box in boxes.of_location(session, fulfilment.location_id)}
    return packing.pack(
        session,
        fulfilment_id,
        picked=open_parcels.wanted(session, fulfilment),
        boxes=[
            Box(
                weight_g=parcel.weight_g
                or open_parcels.weight_of(parcel, contents[parcel.number], products),
                length_mm=parcel.length_mm,
                width_mm=parcel.width_mm,
                height_mm=parcel.height_mm,
                contents=contents[parcel.number],
                tracking_number=parcel.tracking_number,
                code=parcel.box_code if parcel.box_code in listed else None,
            )
            for parcel in filled
        ],
        actor=actor,
        version=version,
    )


def _in_hand(session: Session, fulfilment_id: UUID, *, version: int | None) -> Fulfilment:
    """The shipment, locked, if it is being picked; nobody packs it before or after."""
    fulfilment = queries.locked(session, fulfilment_id)
    if fulfilment.kind is not Delivery.SHIP:
        raise Conflict(
            f"fulfilment {fulfilment.number} is a pickup",
            field="fulfilment_id",
            remedy="mark it ready instead",
        )
    require_version(f"fulfilment {fulfilment.number}", have=fulfilment.version, seen=version)
    if fulfilment.status is not FulfilmentStatus.PICKING:
        raise IllegalMove(
            f"fulfilment {fulfilment.number} is {fulfilment.status.value}, so nothing is packed",
            field="status",
            remedy="start picking it first"
            if fulfilment.status is FulfilmentStatus.ALLOCATED
            else "read it again; somebody else may have worked on it",
        )
    return fulfilment


def _open(session: Session, fulfilment: Fulfilment, planned: PlannedParcel) -> OpenParcel:
    numbers = [one.number for one in open_parcels.of_shipment(session, fulfilment.id)]
    parcel = OpenParcel(
        fulfilment_id=fulfilment.id,
        number=max(numbers, default=0) + 1,
        box_code=planned.box,
        length_mm=planned.length_mm,
        width_mm=planned.width_mm,
        height_mm=planned.height_mm,
        tare_g=planned.tare_g,
        max_weight_g=planned.max_weight_g,
    )
    session.add(parcel)
    session.flush()
    announce(session, location_id=fulfilment.location_id)
    return parcel


def _proposed_next(session: Session, fulfilment: Fulfilment) -> PlannedParcel:
    """The first of the parcels that are proposed for what is in none yet."""
    rest = open_parcels.left(session, fulfilment)
    products = catalogue.products(session, list(rest))
    return boxes.proposed(session, fulfilment.location_id, rest, products).parcels[0]


def _article(session: Session, shown: str, wanted: Mapping[str, int]) -> str:
    """The article of this shipment that a scanner read, by barcode or by its SKU."""
    text = shown.strip()
    if not text:
        raise Invalid("nothing was scanned", field="shown", remedy="scan an article's barcode")
    known = [sku for sku in wanted if sku.lower() == text.lower()]
    known += [sku for sku in catalogue.skus_of_barcode(session, forms(text)) if sku in wanted]
    if not known:
        raise WrongArticle(
            f"wrong article: {text} is not in this shipment",
            field="shown",
            remedy="put it back where it belongs, and scan what the list asks for",
        )
    return known[0]


def _reopen(session: Session, parcel: OpenParcel) -> None:
    for one in open_parcels.of_shipment(session, parcel.fulfilment_id):
        one.closed = one.number != parcel.number
    session.flush()
