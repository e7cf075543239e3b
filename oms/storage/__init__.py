"""Tables that grow without end: cut by time, kept as long as they are needed, then archived."""
