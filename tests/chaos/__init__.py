"""The crash runs, and the planted faults that they must find."""
