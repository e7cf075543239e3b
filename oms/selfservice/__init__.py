"""What a customer sees of their order by their link, and what they may still change."""
