"""Goods that one location sends another: asked for, picked, on the way, received."""
