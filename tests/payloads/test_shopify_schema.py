"""Everything we send to Shopify's Admin API fits its official schema, version 2026-07."""

from pathlib import Path
from typing import Any

import pytest

from api.sandbox.official_schema import OfficialSchema
from oms.channels.shopify import operations
from oms.channels.shopify.operations import Operation

GID = "gid://shopify/Order/1"
FULFILMENT = {
    "lineItemsByFulfillmentOrder": [
        {
            "fulfillmentOrderId": GID,
            "fulfillmentOrderLineItems": [{"id": GID, "quantity": 2}],
        }
    ],
    "notifyCustomer": True,
    "trackingInfo": {"company": "UPS", "number": "1Z", "url": "https://example.com/1Z"},
}
VARIABLES: dict[str, dict[str, Any]] = {
    "TributaryOrder": {"order": GID},
    "TributaryFulfilledLines": {"fulfillment": GID, "after": None},
    "TributaryFulfilmentOrders": {"order": GID, "after": "c"},
    "TributaryRemainingLines": {"fulfillmentOrder": GID, "after": None},
    "TributaryFulfil": {"fulfillment": FULFILMENT},
    "TributaryPrepared": {"input": {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": GID}]}},
    "TributaryStockPlaces": {"after": None},
    "TributaryStock": {"items": 110, "levels": 250, "query": 'sku:"MUG" OR sku:"LAMP"'},
    "TributaryVariantStock": {"ids": [GID], "levels": 250},
    "TributarySetStock": {
        "input": {
            "name": "available",
            "reason": "correction",
            "quantities": [
                {
                    "inventoryItemId": GID,
                    "locationId": GID,
                    "quantity": 3,
                    "changeFromQuantity": 4,
                }
            ],
        },
        "key": "b1b0c4c4-1f0f-4b55-9d39-0e8e4a0e7f3a",
    },
    "TributaryStockAt": {"item": GID, "place": GID, "units": 3, "key": "key"},
    "TributaryMoney": {"order": GID},
    "TributaryRefund": {
        "input": {
            "orderId": GID,
            "note": "sent back (refunded:1)",
            "notify": True,
            "discrepancyReason": "OTHER",
            "shipping": {"amount": "4.50"},
            "transactions": [
                {
                    "orderId": GID,
                    "parentId": GID,
                    "gateway": "bogus",
                    "kind": "REFUND",
                    "amount": "12.50",
                }
            ],
        },
        "key": "key",
    },
    "TributaryCancel": {"order": GID, "restock": True, "note": "why"},
}


@pytest.fixture(scope="module")
def schema() -> OfficialSchema:
    """The schema, where the folder with contracts is at hand."""
    path = Path(__file__).parents[3] / "shared/contracts/specs/shopify-admin_2026-07.json.gz"
    if not path.exists():
        pytest.skip("../shared with Shopify's official schema is not there")
    return OfficialSchema(path)


@pytest.mark.parametrize("operation", operations.ALL, ids=lambda each: each.name)
def test_every_document_and_its_variables_fit(schema: OfficialSchema, operation: Operation) -> None:
    variables = VARIABLES[operation.name]
    assert schema.faults(operation.document, variables, operation.name) == []


@pytest.mark.parametrize(
    ("document", "variables", "fault"),
    [
        ("query Q { order(id: 1) { nonsense } }", {}, "Cannot query field 'nonsense'"),
        (
            "query Q { order { id } }",
            {},
            "'QueryRoot.order(id:)' of type 'ID!' is required",
        ),
        ("query Q {", {}, "Syntax Error"),
        (
            operations.CANCEL.document,
            {"order": GID, "restock": "yes"},
            "Boolean cannot represent a non boolean value",
        ),
        (operations.LOOK.document, {}, "non-null type 'ID!' to be provided"),
    ],
)
def test_the_check_finds_what_does_not_fit(
    schema: OfficialSchema, document: str, variables: dict[str, Any], fault: str
) -> None:
    found = schema.faults(document, variables, None)
    assert any(fault in each for each in found), found
