"""Shopify: signed webhooks in, GraphQL Admin API out."""
