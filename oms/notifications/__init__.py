"""Messages to customers: written once per cause, sent when a mail server is set."""
