"""The product feed: one entry an offer, in CSV or JSON lines, whole however long it is."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from oms.catalogue.models import Barcode
from oms.feeds import writing
from oms.feeds.writing import FeedForm
from tests.builders import a_listing, a_product, stock
from tests.oms.shop import a_shop


def feed(session: Session, form: FeedForm, channel: str | None = None) -> str:
    @contextmanager
    def opened() -> Iterator[Session]:
        yield session

    return "".join(writing.product_feed(opened, channel=channel, form=form))


def test_an_offer_is_told_with_what_it_is_and_how_many_there_are(session: Session) -> None:
    shop = a_shop(session)
    session.add(Barcode(code="2000000000015", sku="MUG"))
    stock(session, shop.riverside, MUG=3)
    stock(session, shop.depot, MUG=4)
    rows = [json.loads(line) for line in feed(session, FeedForm.JSONL).splitlines()]
    assert [row["id"] for row in rows] == ["ANVIL", "LAMP", "MUG"]
    assert rows[2] == {
        "id": "MUG",
        "sku": "MUG",
        "title": "Mug",
        "category": "",
        "gtin": "2000000000015",
        "price": "12.50",
        "currency": "USD",
        "availability": "in_stock",
        "quantity": 7,
        "weight_g": 300,
        "length_mm": 120,
        "width_mm": 100,
        "height_mm": 100,
    }
    assert (rows[1]["availability"], rows[1]["quantity"], rows[1]["gtin"]) == (
        "out_of_stock",
        0,
        "",
    )


def test_csv_holds_the_same_whatever_is_in_a_title(session: Session) -> None:
    a_shop(session)
    product = a_product(session, "ODD")
    product.name = 'Pot, 3" wide\nglazed “blue”'
    session.flush()
    rows = list(csv.DictReader(io.StringIO(feed(session, FeedForm.CSV), newline="")))
    lines = [json.loads(line) for line in feed(session, FeedForm.JSONL).splitlines()]
    assert rows == [{key: str(value) for key, value in line.items()} for line in lines]
    assert rows[3]["title"] == product.name


def test_a_channels_feed_has_what_it_lists_under_its_names(session: Session) -> None:
    a_shop(session)
    a_listing(session, channel="shopify", channel_sku="S-MUG", sku="MUG")
    withdrawn = a_listing(session, channel="shopify", channel_sku="S-LAMP", sku="LAMP")
    withdrawn.published = False
    session.flush()
    rows = [json.loads(line) for line in feed(session, FeedForm.JSONL, "shopify").splitlines()]
    assert [(row["id"], row["sku"]) for row in rows] == [("S-MUG", "MUG")]


def test_a_long_feed_is_whole(session: Session) -> None:
    a_shop(session)
    for number in range(450):
        a_product(session, f"P{number:03d}")
    pieces = feed(session, FeedForm.CSV)
    skus = [row["sku"] for row in csv.DictReader(io.StringIO(pieces))]
    assert len(skus) == len(set(skus)) == 453
    assert skus == sorted(skus)


def test_an_empty_catalogue_is_an_empty_feed(session: Session) -> None:
    assert feed(session, FeedForm.JSONL) == ""
    assert feed(session, FeedForm.CSV).count("\r\n") == 1
