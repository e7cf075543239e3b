"""Web processes with a fault: each module is run in place of `api.cli` and changes one thing."""
