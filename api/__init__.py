"""The doors: HTTP, pages, webhooks, command line, development stack."""
