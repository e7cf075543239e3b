"""Weeks of demand on a network file under several policies, in memory and without a database."""
