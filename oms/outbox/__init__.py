"""What must be told to others: written with the change it tells of, delivered by the relay."""
