"""What is printed beside labels: packing slips and manifests, as PDF."""
