"""The demo: a made-up retail network, its people, its shops' settings, and simulated associates."""
