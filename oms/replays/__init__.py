"""Days decided again under another policy, what that would have changed, and its promotion."""
