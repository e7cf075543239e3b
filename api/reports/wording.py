"""Words that reports have in common."""


def counted(number: int, thing: str) -> str:
    """A count with its noun ("1 order", "1,203 orders")."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
