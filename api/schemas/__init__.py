"""What the JSON API takes and gives."""
