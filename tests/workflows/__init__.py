"""Workflows on the real Temporal server, activities on the real PostgreSQL."""
