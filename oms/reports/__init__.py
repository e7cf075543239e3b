"""Figures over several concepts, read only."""
