"""One package per parcel carrier behind one protocol."""
