"""Who buys: people, and the addresses that orders were placed with."""
