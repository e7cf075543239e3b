"""Decide many orders jointly: column generation, diving, neighbourhood search."""
