"""What takes hours and days; activities join the business to the carriers."""
