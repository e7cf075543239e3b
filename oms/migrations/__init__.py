"""Changes to the database's structure, in order."""
