"""Feeds for those who show our range: products, and what lies in which store."""
