"""Exceptions: what needs a person, with its cause, its owner and the way out."""
