"""The reference channel for one's own web shop, till or kiosk: Standard Webhooks both ways."""
