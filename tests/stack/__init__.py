"""The development stack, tried with real processes."""
