"""What was ordered: orders, lines, holds, and the status derived from their parts."""
