"""What a person at a location wants to know of an article: here, elsewhere, and what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from oms.access import people
from oms.catalogue import queries as catalogue
from oms.catalogue.models import Barcode, Product
from oms.catalogue.scanning import forms
from oms.errors import NotFound
from oms.inventory import availability, counts_wanted, supplies
from oms.inventory.availability import Availability
from oms.inventory.models import StockMovement
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.ordering import counting
from oms.ordering.counting import Claim
from oms.transfers import queries as transfers
from routing.geo import miles, squared_chords, unit_vectors

MOST_FOUND: Final = 20
_MOST_PLACES: Final = 20
_MOST_MOVEMENTS: Final = 15


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Units of the article that another location could promise, and how far away it is."""

    location: Location
    promisable: int
    miles: int


@dataclass(frozen=True, slots=True)
class Passing:
    """Units that go to or come from somewhere else, by a document."""

    document: str
    units: int
    expected_at: datetime


@dataclass(frozen=True, slots=True)
class ArticleAt:
    """An article as one location sees it. Units."""

    product: Product
    barcodes: tuple[str, ...]
    on_hand: int
    reserved: int
    damaged: int
    kept_back: int
    """By safety stock, rules and doubt."""
    promisable: int
    claims: Sequence[Claim]
    leaving: Sequence[Passing]
    """Held here for transfers to other locations."""
    coming: Sequence[Passing]
    """Sent or announced to here, and on nobody's shelf yet."""
    elsewhere: Sequence[Elsewhere]
    movements: Sequence[StockMovement]
    names: dict[str, str]
    """Who is behind the actor of each movement."""


def find(session: Session, shown: str) -> Sequence[Product]:
    """Articles that a barcode, a SKU or words of the name stand for; the exact find alone."""
    text = shown.strip()
    if not text:
        return []
    by_code = select(Barcode.sku).where(col(Barcode.code).in_(forms(text)))
    exact = session.exec(
        select(Product)
        .where(or_(col(Product.sku).in_(by_code), col(Product.sku) == text))
        .order_by(col(Product.sku))
        .limit(MOST_FOUND)
    ).all()
    if exact:
        return exact
    words = [col(Product.name).icontains(word, autoescape=True) for word in text.split()]
    return session.exec(
        select(Product)
        .where(or_(col(Product.sku).istartswith(text, autoescape=True), and_(*words)))
        .order_by(col(Product.name), col(Product.sku))
        .limit(MOST_FOUND)
    ).all()


def product(session: Session, sku: str) -> Product:
    """The product, or `NotFound` with the way out."""
    found = session.get(Product, sku)
    if found is None:
        raise NotFound(
            f"there is no article {sku!r}",
            field="sku",
            remedy="scan its barcode, or look it up by its name",
        )
    return found


def article_at(session: Session, sku: str, location: Location) -> ArticleAt:
    """An article at a location; `NotFound` when we do not sell it."""
    rows = availability.of(session, [sku])
    here = next(
        (row for row in rows if row.location_id == location.id),
        Availability(sku, location.id, on_hand=0, reserved=0, safety=0),
    )
    recent = movements(session, sku, location)
    return ArticleAt(
        product=product(session, sku),
        barcodes=catalogue.barcodes(session, [sku]).get(sku, ()),
        on_hand=here.on_hand,
        reserved=here.reserved,
        damaged=here.damaged,
        kept_back=here.deducted - here.reserved - here.damaged,
        promisable=here.promisable,
        claims=counting.claims(session, sku=sku, location_id=location.id),
        leaving=[
            Passing(f"transfer {row.number}", units, row.expected_at)
            for row, units in transfers.held_for(session, sku=sku, location_id=location.id)
        ],
        coming=[
            Passing(row.document, supplies.outstanding(row), row.expected_at)
            for row in supplies.expected(session, skus=[sku], location_id=location.id)
        ],
        elsewhere=_elsewhere(
            session,
            {row.location_id: row.promisable for row in rows if row is not here},
            location,
        ),
        movements=recent,
        names=people.names(session, {row.actor for row in recent}),
    )


def to_count(session: Session, location: Location) -> Sequence[Product]:
    """The articles that the location is asked to count, the longest asked for first."""
    rows = counts_wanted.of_location(session, location.id)
    found = catalogue.products(session, [row.sku for row in rows])
    return [found[row.sku] for row in rows]


def movements(
    session: Session, sku: str, location: Location, *, limit: int = _MOST_MOVEMENTS
) -> Sequence[StockMovement]:
    """What happened to an article at a location last, newest first."""
    return session.exec(
        select(StockMovement)
        .where(StockMovement.sku == sku, StockMovement.location_id == location.id)
        .order_by(col(StockMovement.id).desc())
        .limit(limit)
    ).all()


def _elsewhere(session: Session, units: dict[object, int], here: Location) -> list[Elsewhere]:
    """The nearest active locations that could promise some."""
    places = [place for place in locations.active(session) if units.get(place.id, 0) > 0]
    if not places:
        return []
    points = unit_vectors(
        [place.latitude for place in places], [place.longitude for place in places]
    )
    away = miles(squared_chords(points, lat=here.latitude, lon=here.longitude))
    found = [
        Elsewhere(place, units[place.id], round(float(distance)))
        for place, distance in zip(places, away, strict=True)
    ]
    return sorted(found, key=lambda one: (one.miles, one.location.code))[:_MOST_PLACES]
