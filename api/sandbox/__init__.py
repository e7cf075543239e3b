"""A stand-in for the shops, for demo and tests: it sells, signs, receives and misbehaves."""
