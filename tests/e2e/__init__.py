"""The whole system with real processes."""
