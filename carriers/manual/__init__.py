"""Parcels that staff send themselves: the shop's own van, or a number typed by hand."""
