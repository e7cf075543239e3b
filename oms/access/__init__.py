"""Who may come in: service keys, devices with PINs, operators, and their sessions."""
