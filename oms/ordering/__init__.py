"""What customers and channels may ask: place an order, change it, hold it, call it off."""
