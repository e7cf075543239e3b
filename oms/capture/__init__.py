"""Take plain new orders in at the speed of a peak day: many in one transaction of raw SQL."""
