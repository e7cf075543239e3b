"""The languages that customers are spoken to in: which, their wordings, dates, money, addresses."""
