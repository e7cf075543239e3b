"""Which location fulfils what, at what cost, by when, and why: pure functions on frozen data."""
