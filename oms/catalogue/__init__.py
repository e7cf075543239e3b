"""What is sold: products, their barcodes, and how each channel lists them."""
