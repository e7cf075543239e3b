"""Goods between this location and others: what to send, what comes, and what was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response
from pydantic import Field
from sqlmodel import Session

from api.deps import IdempotencyKey, ItemId, SessionDep
from api.schemas.base import In
from api.schemas.orders import Name, Sku, Text
from api.schemas.stores import SeenIn, Units
from api.storework import once_at_store
from api.web.bell import bell
from api.web.forms import picked
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from oms import clock
from oms.errors import Invalid
from oms.locations import queries as locations
from oms.ordering import ship_to_store
from oms.reports import stock_at
from oms.transfers import queries, sending, showing
from oms.transfers.models import Transfer, TransferStatus
from oms.transfers.receiving import Came
from oms.transfers.showing import Shown

router = APIRouter(prefix="/store/transfers")

_EXPECTED_IN = timedelta(days=2)
_MOST_DONE = 10
_OPEN = (TransferStatus.REQUESTED, TransferStatus.PICKED, TransferStatus.SHIPPED)
_CLOSED = (TransferStatus.RECEIVED, TransferStatus.LOST, TransferStatus.CANCELLED)


class RequestForm(In):
    """What another location is asked for; rows that are left empty are none."""

    from_location: Name
    article: list[Text] = Field(default_factory=list, max_length=20)
    units: list[Annotated[str, Field(max_length=6, pattern=r"^\d*$")]] = Field(
        default_factory=list, max_length=20
    )
    note: Text = ""


class PickForm(SeenIn):
    """What was fetched, article by article."""

    sku: list[Sku] = Field(default_factory=list, max_length=200)
    units: list[Units] = Field(default_factory=list, max_length=200)


class ReceiveForm(PickForm):
    """What came, article by article, and how much of it is damaged."""

    damaged: list[Units] = Field(default_factory=list, max_length=200)

    def counted(self) -> dict[str, Came]:
        """What came of each article."""
        came, broken = picked(self.sku, self.units), picked(self.sku, self.damaged)
        return {sku: Came(units, broken[sku]) for sku, units in came.items()}


@dataclass(frozen=True, slots=True)
class Column:
    """One section of the list."""

    name: str
    title: str
    items: list[Shown]
    empty: str


@router.get("")
def page(unit: SessionDep, at: AtLocationDep) -> Response:
    """The whole page."""
    return render(
        "store/transfers.html",
        at=at,
        tab="transfers",
        others=[one for one in locations.active(unit) if one.id != at.location.id],
        **_board(unit, at),
        **bell(unit, at),
    )


@router.get("/list")
def board(unit: SessionDep, at: AtLocationDep) -> Response:
    """The sections alone, fetched again whenever something changed."""
    return render("store/_transfers.html", at=at, **_board(unit, at))


@router.post("/find")
def find(
    unit: SessionDep, at: AtLocationDep, shown: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Open the transfer of this number, or the one that has this article."""
    rows = queries.of_location(unit, at.location.id, statuses=_OPEN)
    found = [one for one in showing.shown(unit, rows) if _fits(one, shown.strip().lower())]
    if len(found) == 1:
        return Response(headers={"HX-Redirect": f"/store/transfers/{found[0].id}"})
    return render("store/_transfers_found.html", shown=shown.strip(), found=found)


@router.post("/request")
def request(
    form: Annotated[RequestForm, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Ask another location for goods; they are held there at once."""

    def carry_out() -> dict[str, Any]:
        made = sending.request(
            unit,
            from_location_id=locations.by_code(unit, form.from_location).id,
            to_location_id=at.location.id,
            wanted=_wanted(unit, form),
            expected_at=clock.now() + _EXPECTED_IN,
            actor=at.who.actor,
            note=form.note,
        )
        return {"id": str(made.id)}

    request = ("request transfer", at.location.id, form)
    made = once_at_store(unit, at.who, key, request, carry_out)
    return Response(headers={"HX-Redirect": f"/store/transfers/{made['id']}"})


@router.get("/{transfer_id}")
def one(transfer_id: ItemId, unit: SessionDep, at: AtLocationDep) -> Response:
    """One transfer from here or to here."""
    return render(
        "store/transfer.html",
        at=at,
        tab="transfers",
        item=_one(unit, at, transfer_id),
        **bell(unit, at),
    )


@router.get("/{transfer_id}/card")
def card(
    transfer_id: ItemId,
    unit: SessionDep,
    at: AtLocationDep,
    version: Annotated[int, Query()] = 0,
) -> Response:
    """The present state, or nothing if the page shows it already: what is typed stays."""
    item = _one(unit, at, transfer_id)
    if item.version == version:
        return Response(status_code=204)
    return render("store/_transfer.html", at=at, item=item)


@router.post("/{transfer_id}/pick")
def pick(
    transfer_id: ItemId,
    form: Annotated[PickForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The goods are in a box; what is missing of them was not found."""

    def carry_out() -> Transfer:
        return ship_to_store.pick(
            unit, transfer_id, picked=picked(form.sku, form.units), **_by(at, form.version)
        )

    said = "In the box. Say so when it leaves."
    return _once(unit, at, key, ("pick transfer", transfer_id, form), carry_out, said)


@router.post("/{transfer_id}/ship")
def ship(
    transfer_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """It leaves: off the books here, and in transit."""

    def carry_out() -> Transfer:
        return sending.ship(unit, transfer_id, **_by(at, form.version))

    said = "It has left. The other location sees it coming."
    return _once(unit, at, key, ("ship transfer", transfer_id, form), carry_out, said)


@router.post("/{transfer_id}/receive")
def receive(
    transfer_id: ItemId,
    form: Annotated[ReceiveForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """It is here: what came is on the books, with what differs."""

    def carry_out() -> Transfer:
        return ship_to_store.receive(
            unit, transfer_id, counted=form.counted(), **_by(at, form.version)
        )

    said = "Booked in. It can be sold, and orders that wait for it are looked at again."
    return _once(unit, at, key, ("receive transfer", transfer_id, form), carry_out, said)


@router.post("/{transfer_id}/cancel")
def cancel(
    transfer_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Call it off; its goods are free again."""

    def carry_out() -> Transfer:
        return ship_to_store.cancel(unit, transfer_id, **_by(at, form.version))

    said = "Called off. The goods are free again; put back what lies in a box."
    return _once(unit, at, key, ("cancel transfer", transfer_id, form), carry_out, said)


def _by(at: AtLocation, version: int) -> dict[str, Any]:
    return {"actor": at.who.actor, "location_id": at.location.id, "version": version}


def _once(
    unit: Session,
    at: AtLocation,
    key: str,
    request: tuple[str, UUID, In],
    carry_out: Callable[[], Transfer],
    said: str,
) -> Response:
    once_at_store(unit, at.who, key, request, lambda: {"id": str(carry_out().id)})
    unit.flush()
    item = _one(unit, at, request[1])
    return render("store/_transfer_done.html", at=at, item=item, said=said)


def _one(unit: Session, at: AtLocation, transfer_id: UUID) -> Shown:
    row = queries.one(unit, transfer_id, location_id=at.location.id)
    return showing.shown(unit, [row])[0]


def _board(unit: Session, at: AtLocation) -> dict[str, Any]:
    here = at.location.code
    rows = queries.of_location(unit, at.location.id, statuses=_OPEN)
    done = queries.of_location(unit, at.location.id, statuses=_CLOSED, limit=_MOST_DONE)
    found = showing.shown(unit, rows)
    left = [one for one in found if one.status is TransferStatus.SHIPPED]
    waiting = [one for one in found if one.status is not TransferStatus.SHIPPED]
    ours, theirs = _split(waiting, here)
    gone, coming = _split(left, here)
    columns = [
        Column("send", "To send", ours, "No location waits for goods from here."),
        Column("coming", "Coming here", coming, "Nothing is on the way to here."),
        Column("asked", "Asked for", theirs, "Nothing is asked for that has not left yet."),
        Column("gone", "On the way to others", gone, "Nothing from here is on the way."),
    ]
    return {"columns": columns, "closed": showing.shown(unit, done)}


def _split(items: Sequence[Shown], here: str) -> tuple[list[Shown], list[Shown]]:
    """From here, and to here."""
    return (
        [one for one in items if one.from_location == here],
        [one for one in items if one.from_location != here],
    )


def _fits(one: Shown, text: str) -> bool:
    if text == str(one.number):
        return True
    return any(
        text == line.sku.lower() or text in [code.lower() for code in line.barcodes]
        for line in one.lines
    )


def _wanted(unit: Session, form: RequestForm) -> dict[str, int]:
    """Units by SKU; an article may be given by barcode, SKU or name, if that is one article."""
    wanted: dict[str, int] = {}
    for article, units in zip(form.article, form.units, strict=False):
        if not article and not units:
            continue
        found = stock_at.find(unit, article)
        if len(found) != 1:
            raise Invalid(
                f"“{article}” is {'no article' if not found else f'{len(found)} articles'}",
                field="article",
                remedy="scan its barcode, or type its SKU",
            )
        if not units or not int(units):
            raise Invalid(
                f"how many of {found[0].name}?", field="units", remedy="give how many units"
            )
        wanted[found[0].sku] = wanted.get(found[0].sku, 0) + int(units)
    return wanted
