"""Where channels send their events."""
