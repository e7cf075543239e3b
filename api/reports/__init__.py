"""Reports of replays and simulations for people: as text, as one HTML file, as a picture."""
