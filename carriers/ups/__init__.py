"""UPS directly: OAuth, rating, shipping, voiding, tracking and Track Alert (developer.ups.com)."""
