"""Who did what, when, to what: rows are added and never changed."""
