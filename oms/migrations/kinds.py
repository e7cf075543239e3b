"""Let a column of kinds hold one more: its CHECK names them all."""

from collections.abc import Sequence

from alembic import op


def let_hold(table: str, constraint: str, kinds: Sequence[str]) -> None:
    """Let the column `kind` hold these words and no others."""
    words = ", ".join(f"'{word}'" for word in kinds)
    name = f"ck_{table}_{constraint}"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (kind IN ({words}))")
