"""Corruptions of money and returns."""

from typing import Final

from tests.oms.planting import Plant

_TOTALS: Final = "a payment's totals are the sum of its ledger, in bounds"
_REFUNDS: Final = "a refund is owed or paid in full, once per cause, by its order's own tenders"
_CREDITS: Final = "a credit's balance is the sum of its ledger, which says what orders say of it"
_CARDS: Final = (
    "no more is captured at a card's provider than in the ledger, and nothing of a refused one"
)
_GOODS: Final = "goods that came back are in the ledger, and leave quarantine by disposition only"
_QUARANTINE: Final = "what is in quarantine is what came back and was not decided on"
_CLOSED: Final = "a closed return is refunded, and all that came has been decided on"

MONEY_AND_RETURNS: Final = (
    Plant(
        _TOTALS,
        ("UPDATE payments SET captured_minor = captured_minor - 1 WHERE captured_minor > 0",),
    ),
    Plant(_TOTALS, ("DELETE FROM payment_entries WHERE kind = 'authorise'",)),
    Plant(
        _TOTALS,
        (
            "UPDATE payments SET refunded_minor = captured_minor + 1",
            "UPDATE payment_entries e SET amount_minor = p.refunded_minor FROM payments p"
            " WHERE p.id = e.payment_id AND e.kind = 'refund'",
        ),
        without=("payments ck_payments_refunded_within_captured",),
    ),
    Plant(_REFUNDS, ("UPDATE refunds SET amount_minor = amount_minor + 1",)),
    Plant(_REFUNDS, ("UPDATE refunds SET currency = 'EUR'",)),
    Plant(
        _REFUNDS,
        (
            "INSERT INTO refunds (id, order_id, cause, reason, currency, amount_minor, fee_minor,"
            " shipping_minor, created_at, created_by) SELECT gen_random_uuid(), order_id, cause,"
            " reason, currency, 0, 0, 0, created_at, created_by FROM refunds LIMIT 1",
        ),
        without=("refunds uq_refunds_order_id_cause",),
    ),
    Plant(
        "no more units are refunded than left the house",
        ("UPDATE refund_lines SET units = units + 9",),
    ),
    Plant(
        "no more units are on returns than left the house",
        ("UPDATE return_lines SET units = units + 9",),
    ),
    Plant(_CARDS, ("UPDATE card_intents SET captured_minor = captured_minor + 1",)),
    Plant(_CARDS, ("UPDATE card_intents SET status = 'refused'",)),
    Plant(_CREDITS, ("UPDATE credits SET balance_minor = balance_minor + 1",)),
    Plant(_CREDITS, ("DELETE FROM credit_entries WHERE kind = 'refund'",)),
    Plant(_CREDITS, ("UPDATE repayments SET credit_id = NULL",)),
    Plant(_GOODS, ("DELETE FROM stock_movement_keys WHERE key LIKE 'return:%'",)),
    Plant(_GOODS, ("UPDATE returned_goods SET disposed_at = NULL",)),
    Plant(_GOODS, ("DELETE FROM stock_movement_keys WHERE key LIKE 'disposed:%'",)),
    Plant(
        _QUARANTINE,
        (
            "UPDATE stock_balances b"
            " SET quarantined = 1, damaged = damaged + 1, on_hand = on_hand + 1"
            " FROM returned_goods g WHERE g.sku = b.sku AND g.location_id = b.location_id",
        ),
    ),
    Plant(_QUARANTINE, ("UPDATE returned_goods SET disposed_at = NULL",)),
    Plant(_CLOSED, ("UPDATE returned_goods SET disposition = NULL",)),
    Plant(
        _CLOSED,
        ("UPDATE returns SET refund_id = NULL",),
        without=("returns ck_returns_closed_is_refunded",),
    ),
)
