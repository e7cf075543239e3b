"""Stock at a location: look an article up, count it, adjust it, receive it, see what happened."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import Field
from sqlmodel import Session

from api.deps import IdempotencyKey, SessionDep
from api.schemas.base import In
from api.schemas.orders import Sku
from api.schemas.picking import Part
from api.schemas.stores import Units
from api.storework import once_at_store
from api.web.bell import bell
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from oms.errors import Invalid
from oms.inventory import bins, receiving
from oms.inventory.adjusting import AdjustReason
from oms.inventory.bins import MOST_BINS, Bin
from oms.ordering import counting
from oms.reports import stock_at

router = APIRouter(prefix="/store/stock")

Shown = Annotated[str, Query(max_length=200)]
_MOST = 100_000


class CountForm(In):
    """What was counted on the shelf."""

    sku: Sku
    units: Units


class BinsForm(In):
    """Where the article lies: one zone, aisle and bin a row, first where to look first."""

    sku: Sku
    zone: list[Part] = Field(default_factory=list, max_length=MOST_BINS + 1)
    aisle: list[Part] = Field(default_factory=list, max_length=MOST_BINS + 1)
    bin: list[Part] = Field(default_factory=list, max_length=MOST_BINS + 1)

    def places(self) -> list[Bin]:
        """The rows that name a bin."""
        if not len(self.zone) == len(self.aisle) == len(self.bin):
            raise Invalid(
                "the list of bins is incomplete",
                field="bin",
                remedy="reload the page and enter them again",
            )
        rows = [row for row in zip(self.zone, self.aisle, self.bin, strict=True) if row[2]]
        return [Bin(*row, rank=number) for number, row in enumerate(rows, start=1)]


class ReceiveForm(In):
    """What came in."""

    sku: Sku
    units: Annotated[int, Field(gt=0, le=_MOST)]


class AdjustForm(In):
    """How many units are gone or were found, and why."""

    sku: Sku
    units: Annotated[int, Field(gt=0, le=_MOST)]
    reason: AdjustReason
    more: bool = False
    """Of a correction: units are added, not taken off."""

    def signed(self) -> int:
        """Below zero for what is gone."""
        added = self.reason is AdjustReason.FOUND or (
            self.reason is AdjustReason.CORRECTION and self.more
        )
        return self.units if added else -self.units


@router.get("")
def page(unit: SessionDep, at: AtLocationDep, shown: Shown = "") -> Response:
    """The page; with something shown, the article that it stands for."""
    found = stock_at.find(unit, shown)
    if len(found) == 1:
        return RedirectResponse(_path(found[0].sku), status_code=303)
    return render(
        "store/stock.html",
        at=at,
        tab="stock",
        shown=shown.strip(),
        found=found,
        wanted=stock_at.to_count(unit, at.location),
        **bell(unit, at),
    )


@router.post("/find")
def find(
    unit: SessionDep, at: AtLocationDep, shown: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Open the article that was scanned or typed; several are listed, none is said plainly."""
    found = stock_at.find(unit, shown)
    if len(found) == 1:
        return Response(headers={"HX-Redirect": _path(found[0].sku)})
    return render("store/_articles_found.html", at=at, shown=shown.strip(), found=found)


@router.get("/article")
def article(unit: SessionDep, at: AtLocationDep, sku: Shown) -> Response:
    """One article's page."""
    return render(
        "store/article.html", at=at, tab="stock", **_facts(unit, at, sku), **bell(unit, at)
    )


@router.get("/article/facts")
def facts(unit: SessionDep, at: AtLocationDep, sku: Shown) -> Response:
    """What is there now; what is typed in the forms beside stays."""
    return render("store/_article_facts.html", at=at, **_facts(unit, at, sku))


@router.post("/count")
def count(
    form: Annotated[CountForm, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Set what is on hand to what was counted."""

    def carry_out() -> dict[str, Any]:
        difference = counting.count(
            unit,
            sku=form.sku,
            location_id=at.location.id,
            units=form.units,
            actor=at.who.actor,
        )
        return {"difference": difference}

    difference = _once(unit, at, key, ("stock-count", form), carry_out)["difference"]
    if difference == 0:
        return _done(unit, at, form.sku, f"Counted: {form.units}, as expected.")
    word = f"{abs(difference)} {'more' if difference > 0 else 'fewer'} than expected"
    return _done(unit, at, form.sku, f"Counted: {form.units}, {word}.")


@router.post("/bins")
def set_bins(
    form: Annotated[BinsForm, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Say where the article lies here."""

    def carry_out() -> dict[str, Any]:
        bins.set_bins(
            unit,
            location_id=at.location.id,
            sku=form.sku,
            places=form.places(),
            actor=at.who.actor,
        )
        return {}

    _once(unit, at, key, ("stock-bins", form), carry_out)
    return _done(unit, at, form.sku, "Saved. Pick lists lead there from now on.")


@router.post("/receive")
def receive(
    form: Annotated[ReceiveForm, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Book goods in."""

    def carry_out() -> dict[str, Any]:
        receiving.receive(
            unit, sku=form.sku, location_id=at.location.id, units=form.units, actor=at.who.actor
        )
        return {}

    _once(unit, at, key, ("stock-receive", form), carry_out)
    return _done(unit, at, form.sku, f"Received: {form.units}. They are on sale.")


@router.post("/adjust")
def adjust(
    form: Annotated[AdjustForm, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Take off what is gone, or add what was found."""

    def carry_out() -> dict[str, Any]:
        on_hand = counting.adjust(
            unit,
            sku=form.sku,
            location_id=at.location.id,
            units=form.signed(),
            reason=form.reason,
            actor=at.who.actor,
        )
        return {"on_hand": on_hand}

    on_hand = _once(unit, at, key, ("stock-adjust", form), carry_out)["on_hand"]
    return _done(unit, at, form.sku, f"Adjusted: {on_hand} on hand now.")


def _once(
    unit: Session,
    at: AtLocation,
    key: str,
    request: tuple[str, CountForm | BinsForm | ReceiveForm | AdjustForm],
    carry_out: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Carry a command out once, for an article that we sell."""
    name, form = request
    stock_at.product(unit, form.sku)
    return once_at_store(unit, at.who, key, (name, at.location.id, form), carry_out)


def _done(unit: Session, at: AtLocation, sku: str, said: str) -> Response:
    unit.flush()
    return render(
        "store/_article_done.html",
        at=at,
        said=said,
        remedy=None,
        good=True,
        **_facts(unit, at, sku),
    )


def _facts(unit: Session, at: AtLocation, sku: str) -> dict[str, Any]:
    there = bins.of_articles(unit, location_id=at.location.id, skus=[sku])
    return {
        "item": stock_at.article_at(unit, sku, at.location),
        "bins": list(there.get(sku, ())),
    }


def _path(sku: str) -> str:
    return f"/store/stock/article?sku={quote(sku, safe='')}"
