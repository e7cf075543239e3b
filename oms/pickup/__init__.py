"""The pickup queue: what waits at the counter, for whom, until when, and the hand-over."""
