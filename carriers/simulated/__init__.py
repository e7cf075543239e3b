"""A carrier that exists only here: deterministic prices, real labels, scans by the clock."""
