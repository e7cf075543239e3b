"""Amazon's Selling Partner API: orders polled and notified by queue in, shipments out."""
