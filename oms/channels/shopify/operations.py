"""The GraphQL documents that we send to Shopify's Admin API, version 2026-07.

Page sizes keep each query far below the cost that Shopify allows a single one (1,000 points).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Operation:
    """A named GraphQL document; `document` holds that one operation."""

    name: str
    document: str


LOOK: Final = Operation(
    "TributaryOrder",
    """
    query TributaryOrder($order: ID!) {
      order(id: $order) {
        id
        cancelledAt
        fulfillments(first: 100) {
          id
          status
          trackingInfo { number }
        }
      }
    }
    """,
)

FULFILLED_LINES: Final = Operation(
    "TributaryFulfilledLines",
    """
    query TributaryFulfilledLines($fulfillment: ID!, $after: String) {
      fulfillment(id: $fulfillment) {
        fulfillmentLineItems(first: 100, after: $after) {
          nodes { quantity lineItem { id } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """,
)

FULFILMENT_ORDERS: Final = Operation(
    "TributaryFulfilmentOrders",
    """
    query TributaryFulfilmentOrders($order: ID!, $after: String) {
      order(id: $order) {
        fulfillmentOrders(first: 25, after: $after) {
          nodes {
            id
            status
            assignedLocation { location { id } }
            deliveryMethod { methodType }
          }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """,
)

REMAINING_LINES: Final = Operation(
    "TributaryRemainingLines",
    """
    query TributaryRemainingLines($fulfillmentOrder: ID!, $after: String) {
      fulfillmentOrder(id: $fulfillmentOrder) {
        lineItems(first: 100, after: $after) {
          nodes { id remainingQuantity totalQuantity lineItem { id } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """,
)

FULFIL: Final = Operation(
    "TributaryFulfil",
    """
    mutation TributaryFulfil($fulfillment: FulfillmentInput!) {
      fulfillmentCreate(fulfillment: $fulfillment) {
        fulfillment { id legacyResourceId status }
        userErrors { field message }
      }
    }
    """,
)

PREPARED: Final = Operation(
    "TributaryPrepared",
    """
    mutation TributaryPrepared($input: FulfillmentOrderLineItemsPreparedForPickupInput!) {
      fulfillmentOrderLineItemsPreparedForPickup(input: $input) {
        userErrors { code field message }
      }
    }
    """,
)

CANCEL: Final = Operation(
    "TributaryCancel",
    """
    mutation TributaryCancel($order: ID!, $restock: Boolean!, $note: String) {
      orderCancel(
        orderId: $order
        reason: OTHER
        restock: $restock
        notifyCustomer: true
        refundMethod: { originalPaymentMethodsRefund: false }
        staffNote: $note
      ) {
        job { id done }
        orderCancelUserErrors { code field message }
      }
    }
    """,
)

MONEY: Final = Operation(
    "TributaryMoney",
    """
    query TributaryMoney($order: ID!) {
      order(id: $order) {
        transactions(first: 100) {
          id
          kind
          status
          gateway
          parentTransaction { id }
          amountSet { shopMoney { amount } }
        }
        refunds(first: 100) { legacyResourceId note }
      }
    }
    """,
)

REFUND: Final = Operation(
    "TributaryRefund",
    """
    mutation TributaryRefund($input: RefundInput!, $key: String!) {
      refundCreate(input: $input) @idempotent(key: $key) {
        refund { id legacyResourceId }
        userErrors { field message }
      }
    }
    """,
)

STOCK_PLACES: Final = Operation(
    "TributaryStockPlaces",
    """
    query TributaryStockPlaces($after: String) {
      locations(first: 50, after: $after) {
        nodes { id name }
        pageInfo { hasNextPage endCursor }
      }
    }
    """,
)

STOCK: Final = Operation(
    "TributaryStock",
    """
    query TributaryStock($items: Int!, $levels: Int!, $query: String!) {
      inventoryItems(first: $items, query: $query) {
        nodes {
          id
          sku
          tracked
          inventoryLevels(first: $levels) {
            nodes { location { id } quantities(names: ["available"]) { quantity } }
          }
        }
      }
    }
    """,
)

VARIANT_STOCK: Final = Operation(
    "TributaryVariantStock",
    """
    query TributaryVariantStock($ids: [ID!]!, $levels: Int!) {
      nodes(ids: $ids) {
        ... on ProductVariant {
          id
          inventoryItem {
            id
            sku
            tracked
            inventoryLevels(first: $levels) {
              nodes { location { id } quantities(names: ["available"]) { quantity } }
            }
          }
        }
      }
    }
    """,
)

SET_STOCK: Final = Operation(
    "TributarySetStock",
    """
    mutation TributarySetStock($input: InventorySetQuantitiesInput!, $key: String!) {
      inventorySetQuantities(input: $input) @idempotent(key: $key) {
        inventoryAdjustmentGroup { id }
        userErrors { code field message }
      }
    }
    """,
)

STOCK_AT: Final = Operation(
    "TributaryStockAt",
    """
    mutation TributaryStockAt($item: ID!, $place: ID!, $units: Int!, $key: String!) {
      inventoryActivate(inventoryItemId: $item, locationId: $place, available: $units)
      @idempotent(key: $key) {
        inventoryLevel { id }
        userErrors { field message }
      }
    }
    """,
)

ALL: Final = (
    LOOK,
    FULFILLED_LINES,
    FULFILMENT_ORDERS,
    REMAINING_LINES,
    FULFIL,
    PREPARED,
    CANCEL,
    MONEY,
    REFUND,
    STOCK_PLACES,
    STOCK,
    VARIANT_STOCK,
    SET_STOCK,
    STOCK_AT,
)
