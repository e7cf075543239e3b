"""What one location prepares: fulfilments, their states, parcels and scans."""
