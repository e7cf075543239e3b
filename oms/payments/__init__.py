"""Money on an order: a ledger of what was authorised, captured, voided and refunded."""
