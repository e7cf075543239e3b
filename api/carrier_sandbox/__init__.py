"""Stand-ins for parcel carriers: they answer as the documents say, and misbehave on demand."""
