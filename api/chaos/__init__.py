"""Break the system on purpose, under load, and see that nothing is lost, doubled or oversold."""
