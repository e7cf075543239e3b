"""Articles by what channels and scanners call them."""

import pytest
from sqlmodel import Session

from oms.catalogue import queries
from oms.catalogue.models import Barcode
from oms.catalogue.scanning import forms
from tests.builders import a_listing, a_product


def test_a_listing_goes_before_an_article_of_the_same_name(session: Session) -> None:
    a_product(session, "MUG")
    a_product(session, "LAMP")
    a_listing(session, channel="shopify", channel_sku="MUG", sku="LAMP")
    a_listing(session, channel="shopify", channel_sku="CUP", sku="MUG")
    asked = {"MUG", "CUP", "LAMP", "VASE"}
    found = queries.skus_of_channel(session, channel="shopify", channel_skus=asked)
    assert found == {"MUG": "LAMP", "CUP": "MUG", "LAMP": "LAMP"}
    till = queries.skus_of_channel(session, channel="till", channel_skus=asked)
    assert till == {"MUG": "MUG", "LAMP": "LAMP"}
    assert queries.skus_of_channel(session, channel="till", channel_skus=()) == {}


def test_products_and_barcodes_are_read_by_sku(session: Session) -> None:
    a_product(session, "MUG")
    session.add(Barcode(code="0012345678905", sku="MUG"))
    session.flush()
    assert set(queries.products(session, ["MUG", "VASE"])) == {"MUG"}
    assert queries.barcodes(session, ["MUG", "VASE"]) == {"MUG": ("0012345678905", "mug")}


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("012345678905", {"012345678905", "0012345678905", "00012345678905"}),
        ("0012345678905", {"012345678905", "0012345678905", "00012345678905"}),
        ("96385074", {"96385074", "000096385074", "0000096385074", "00000096385074"}),
        ("MUG-1", {"MUG-1"}),
        ("", {""}),
    ],
)
def test_one_article_number_has_several_forms(code: str, same: set[str]) -> None:
    assert set(forms(code)) == same
