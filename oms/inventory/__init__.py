"""What is where, and for whom it is kept: ledger, balances, reservations, availability."""
