"""Dates offered before an order is placed: when a basket arrives, and where it can be collected."""
