"""A network file goes into the database whole, and the same file once."""

from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from oms.audit.models import AuditRow
from oms.catalogue.models import Barcode, Listing, Product
from oms.errors import Conflict, Invalid
from oms.inventory import availability, receiving
from oms.inventory.models import MovementKind, StockBalance, StockMovement
from oms.locations import geography
from oms.locations import queries as locations
from oms.locations.models import ClosedDay, Location, OpeningHours, Postcode
from oms.network.loading import load
from oms.outbox.models import OutboxRow
from oms.sourcing import tariffs
from oms.sourcing.models import TariffSheet
from tests.builders import an_order
from tests.oms.network.files import (
    TARIFF,
    a_file,
    a_listing,
    a_location,
    a_product,
    a_stock,
    an_opening,
)

TABLES: tuple[type[SQLModel], ...] = (
    Product, Barcode, Listing, Location, OpeningHours, ClosedDay, Postcode, StockBalance,
    StockMovement, TariffSheet, AuditRow, OutboxRow,
)  # fmt: skip


def everything(session: Session) -> dict[str, list[dict[str, Any]]]:
    session.flush()
    session.expire_all()
    return {
        str(table.__tablename__): [row.model_dump() for row in session.exec(select(table)).all()]
        for table in TABLES
    }


def test_everything_in_the_file_is_in_the_database(session: Session) -> None:
    loaded = load(session, a_file(), actor="cli")
    assert dict(loaded.counts) == {
        "products added": 1,
        "products changed": 0,
        "barcodes added": 1,
        "barcodes moved to another product": 0,
        "listings added": 1,
        "listings changed": 0,
        "locations added": 1,
        "locations changed": 0,
        "opening hours changed": 2,
        "closed days changed": 1,
        "postcodes added": 1,
        "postcodes changed": 0,
        "balances opened": 1,
        "safety stock changed": 0,
        "tariff sheets added": 1,
    }
    place = locations.by_code(session, "S01")
    assert (place.city, place.can_pickup, place.capacity_parcels) == ("New York", True, None)
    hours = session.exec(select(OpeningHours).order_by(col(OpeningHours.weekday))).all()
    assert [(row.weekday, f"{row.opens:%H:%M}", f"{row.closes:%H:%M}") for row in hours] == [
        (0, "09:00", "18:00"),
        (1, "09:00", "18:00"),
    ]
    assert [(one.sku, one.on_hand, one.safety) for one in availability.of(session, ["MUG"])] == [
        ("MUG", 5, 1)
    ]
    found = geography.find(session, country="US", postcode="10001")
    assert found == geography.Found(40.75, -74.0, area=None)
    assert tariffs.current(session, currency="USD").sheet == TARIFF


def test_an_opening_count_is_in_the_ledger(session: Session) -> None:
    load(session, a_file(), actor="cli")
    movement = session.exec(select(StockMovement)).one()
    assert (movement.kind, movement.on_hand_delta, movement.reserved_delta) == (
        MovementKind.COUNT,
        5,
        0,
    )
    assert (movement.cause_type, movement.actor) == ("opening", "cli")


def test_the_same_file_twice_changes_nothing(session: Session) -> None:
    load(session, a_file(), actor="cli")
    before = everything(session)
    assert load(session, a_file(), actor="cli").changes == 0
    assert everything(session) == before


def test_what_differs_is_changed_and_what_is_left_out_stays(session: Session) -> None:
    load(session, a_file(), actor="cli")
    place = locations.by_code(session, "S01")
    loaded = load(
        session,
        {
            "currency": "USD",
            "products": [a_product(price_minor=1_400, barcodes=["MUG-2"])],
            "locations": [a_location(name="Harbour", hours=[an_opening("monday", closes="20:00")])],
        },
        actor="cli",
    )
    assert {what: count for what, count in loaded.counts.items() if count} == {
        "products changed": 1,
        "barcodes added": 1,
        "locations changed": 1,
        "opening hours changed": 2,
    }
    session.expire_all()
    assert session.get_one(Product, "MUG").price_minor == 1_400
    assert (place.name, locations.by_code(session, "S01").id) == ("Harbour", place.id)
    hours = session.exec(select(OpeningHours)).all()
    assert [(row.weekday, f"{row.closes:%H:%M}") for row in hours] == [(0, "20:00")]
    codes = session.exec(select(Barcode.code).order_by(Barcode.code)).all()
    assert list(codes) == ["MUG-1", "MUG-2"]
    assert session.exec(select(Listing)).one().channel_sku == "MUG-US"


def test_a_barcode_and_a_listing_move_to_the_product_that_the_file_names(session: Session) -> None:
    load(session, a_file(), actor="cli")
    loaded = load(
        session,
        {
            "currency": "USD",
            "products": [a_product("CUP", barcodes=["MUG-1"])],
            "listings": [a_listing(sku="CUP")],
        },
        actor="cli",
    )
    assert loaded.counts["barcodes moved to another product"] == 1
    assert loaded.counts["listings changed"] == 1
    session.expire_all()
    assert session.exec(select(Barcode)).one().sku == "CUP"
    assert session.exec(select(Listing)).one().sku == "CUP"


def test_live_stock_is_not_overwritten_but_safety_follows_the_file(session: Session) -> None:
    load(session, a_file(), actor="cli")
    place = locations.by_code(session, "S01")
    receiving.receive(session, sku="MUG", location_id=place.id, units=3, actor="dock")
    loaded = load(session, a_file(stock=[a_stock(units=50, safety=2)]), actor="cli")
    assert (loaded.counts["balances opened"], loaded.counts["safety stock changed"]) == (0, 1)
    [row] = availability.of(session, ["MUG"])
    assert (row.on_hand, row.safety) == (8, 2)


def test_a_count_of_nothing_opens_a_balance(session: Session) -> None:
    load(session, a_file(stock=[a_stock(units=0, safety=0)]), actor="cli")
    assert [row.on_hand for row in availability.of(session, ["MUG"])] == [0]
    later = load(session, a_file(), actor="cli")
    assert later.counts["balances opened"] == 0


def test_orders_that_wait_for_an_article_are_told_when_its_stock_is_opened(
    session: Session,
) -> None:
    bowl = a_product("BOWL")
    load(session, a_file(products=[a_product(), bowl], stock=[]), actor="cli")
    an_order(session, {"MUG": 1})
    both = [a_stock(), a_stock(sku="BOWL")]
    load(session, a_file(products=[a_product(), bowl], stock=both), actor="cli")
    place = locations.by_code(session, "S01")
    rows = session.exec(select(OutboxRow).where(OutboxRow.topic == "stock.increased")).all()
    assert [(row.subject_id, row.detail) for row in rows] == [(place.id, "MUG")]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            {"listings": [a_listing(), a_listing(channel_sku="X", sku="CUP")]},
            "listings[1].sku: there is no product 'CUP', neither in the file nor in the database",
        ),
        (
            {"stock": [a_stock(location="S02")]},
            "stock[0].location: there is no location 'S02', neither in the file nor in the"
            " database",
        ),
        (
            {"stock": [a_stock(sku="CUP", location="S02")]},
            "stock[0].location: there is no location 'S02', neither in the file nor in the"
            " database (and 1 more)",
        ),
    ],
)
def test_an_unknown_reference_is_named_and_nothing_is_written(
    session: Session, part: dict[str, Any], message: str
) -> None:
    before = everything(session)
    with pytest.raises(Invalid) as refused:
        load(session, a_file(**part), actor="cli")
    assert refused.value.message == message
    assert everything(session) == before


def test_a_file_may_refer_to_what_was_loaded_before(session: Session) -> None:
    load(session, a_file(listings=[], stock=[]), actor="cli")
    later = {"currency": "USD", "listings": [a_listing()], "stock": [a_stock()]}
    loaded = load(session, later, actor="cli")
    assert (loaded.counts["listings added"], loaded.counts["balances opened"]) == (1, 1)


def test_a_tariff_keeps_its_prices_for_good(session: Session) -> None:
    load(session, a_file(), actor="cli")
    dearer = TARIFF | {"cents": [[600, 800], [900, 1_400]]}
    with pytest.raises(Conflict) as refused:
        load(session, a_file(tariff={"name": "Test ground", "sheet": dearer}), actor="cli")
    assert refused.value.remedy == "give the new sheet a name of its own, such as its date"
    load(session, a_file(tariff={"name": "Test ground 2", "sheet": dearer}), actor="cli")
    assert tariffs.current(session, currency="USD").sheet == dearer
    assert session.exec(select(func.count()).select_from(TariffSheet)).one() == 2


def test_who_loaded_what_is_in_the_audit_trail(session: Session) -> None:
    load(session, a_file(listings=[], postcodes=[], tariff=None), actor="cli")
    row = session.exec(select(AuditRow).where(AuditRow.action == "network.loaded")).one()
    assert row.actor == "cli"
    assert row.facts == {
        "products added": 1,
        "barcodes added": 1,
        "locations added": 1,
        "opening hours changed": 2,
        "closed days changed": 1,
        "balances opened": 1,
    }
