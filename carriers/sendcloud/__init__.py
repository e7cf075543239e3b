"""Sendcloud: European carriers behind one API (sendcloud.dev, API v3)."""
