"""Shipping labels and delivery slips, 4 × 6 inches, as PDF and as ZPL."""
