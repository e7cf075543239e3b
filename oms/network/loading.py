"""Load a network file into the database: all of it or nothing, and the same file once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from oms.audit.recording import record
from oms.catalogue import entering as catalogue
from oms.catalogue.models import Product
from oms.faults import Fault
from oms.ids import new_id
from oms.inventory import folding, opening
from oms.inventory.opening import Opening
from oms.locations import entering as locations
from oms.network.reading import faulty, read
from oms.network.schema import WEEK, NetworkFile
from oms.orders.models import OrderLine
from oms.sourcing import tariffs
from oms.upserting import Row

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('network', 0))"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, by what was done: `{"products added": 200, …}`."""

    counts: Mapping[str, int]

    @property
    def changes(self) -> int:
        """How many rows are new or differ; 0 when the file had been loaded before."""
        return sum(self.counts.values())


def load(session: Session, document: object, *, actor: str) -> Loaded:
    """Load a parsed network file, or a `NetworkFile`.

    What is there and differs is changed, what the file leaves out stays. Stock is an opening
    count: it is set where an article was never counted and never afterwards. Raises `Invalid`
    naming the wrong place; nothing of the transaction may be kept then. Two loads at once wait
    for each other.
    """
    network = read(document)
    session.execute(text(_LOCK))
    if faults := list(_unknown_references(session, network)):
        raise faulty(faults)
    counts = {
        **_catalogue(session, network),
        **_locations(session, network),
        **_stock(session, network, actor=actor),
        "tariff sheets added": _tariff(session, network),
    }
    loaded = Loaded(counts)
    if loaded.changes:
        record(
            session,
            action="network.loaded",
            subject_type="network",
            subject_id=new_id(),
            actor=actor,
            facts={what: count for what, count in counts.items() if count},
        )
    session.flush()
    return loaded


def _unknown_references(session: Session, network: NetworkFile) -> Iterator[Fault]:
    """What the file names and neither has nor finds in the database."""
    named = {one.sku for one in network.listings} | {one.sku for one in network.stock}
    skus = {one.sku for one in network.products}
    skus |= set(session.exec(select(Product.sku).where(col(Product.sku).in_(named - skus))))
    codes = {one.code for one in network.locations}
    codes |= set(locations.ids(session, {one.location for one in network.stock} - codes))
    for at, listing in enumerate(network.listings):
        if listing.sku not in skus:
            yield Fault(f"listings[{at}].sku", _no("product", listing.sku))
    for at, stock in enumerate(network.stock):
        if stock.location not in codes:
            yield Fault(f"stock[{at}].location", _no("location", stock.location))
        if stock.sku not in skus:
            yield Fault(f"stock[{at}].sku", _no("product", stock.sku))


def _no(what: str, name: str) -> str:
    return f"there is no {what} {name!r}, neither in the file nor in the database"


def _catalogue(session: Session, network: NetworkFile) -> dict[str, int]:
    money = {"currency": network.currency}
    products = catalogue.enter_products(
        session, [one.model_dump(exclude={"barcodes"}) | money for one in network.products]
    )
    if products.changed:
        folding.fold_articles(session, [one.sku for one in network.products])
    barcodes = catalogue.enter_barcodes(
        session,
        [{"code": code, "sku": one.sku} for one in network.products for code in one.barcodes],
    )
    listings = catalogue.enter_listings(
        session, [one.model_dump() | money for one in network.listings]
    )
    return {
        "products added": products.added,
        "products changed": products.changed,
        "barcodes added": barcodes.added,
        "barcodes moved to another product": barcodes.changed,
        "listings added": listings.added,
        "listings changed": listings.changed,
    }


def _locations(session: Session, network: NetworkFile) -> dict[str, int]:
    places = locations.enter_locations(
        session, [one.model_dump(exclude={"hours", "closed_days"}) for one in network.locations]
    )
    ids = locations.ids(session, {one.code for one in network.locations})
    postcodes = locations.enter_postcodes(session, [one.model_dump() for one in network.postcodes])
    return {
        "locations added": places.added,
        "locations changed": places.changed,
        "opening hours changed": locations.set_hours(
            session, ids.values(), list(_hours(network, ids))
        ),
        "closed days changed": locations.set_closed_days(
            session, ids.values(), list(_closed_days(network, ids))
        ),
        "postcodes added": postcodes.added,
        "postcodes changed": postcodes.changed,
    }


def _hours(network: NetworkFile, ids: Mapping[str, UUID]) -> Iterator[Row]:
    for place in network.locations:
        for span in place.hours:
            for day in span.days:
                yield {
                    "location_id": ids[place.code],
                    "weekday": WEEK.index(day),
                    "opens": span.opens,
                    "closes": span.closes,
                }


def _closed_days(network: NetworkFile, ids: Mapping[str, UUID]) -> Iterator[Row]:
    for place in network.locations:
        for closed in place.closed_days:
            yield {"location_id": ids[place.code], "day": closed.day, "reason": closed.reason}


def _stock(session: Session, network: NetworkFile, *, actor: str) -> dict[str, int]:
    ids = locations.ids(session, {one.location for one in network.stock})
    openings = [
        Opening(one.sku, ids[one.location], units=one.units, safety=one.safety)
        for one in network.stock
    ]
    awaited = session.exec(select(OrderLine.sku).where(OrderLine.backordered > 0).distinct()).all()
    return {
        "balances opened": opening.open_balances(
            session, openings, awaited=frozenset(awaited), actor=actor
        ),
        "safety stock changed": opening.set_safety(session, openings),
    }


def _tariff(session: Session, network: NetworkFile) -> int:
    """How many sheets were added."""
    given = network.tariff
    if given is None:
        return 0
    known = tariffs.named(session, given.name)
    sheet = tariffs.load(session, name=given.name, currency=network.currency, sheet=given.sheet)
    return int(known is not sheet)
