"""Goods that come back: rules, the way from asking to closing, and what becomes of them."""
