"""The business: tables, rules and queries of the order management system."""
