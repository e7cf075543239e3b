"""Stock flows to the channels: what each must be told, what it was told, and where it disagrees."""
