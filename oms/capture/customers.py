"""Find or make the customers of a batch: one for each e-mail address, as the database folds it."""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncCursor

from oms.capture import questions, tables
from oms.capture.asking import Facts
from oms.capture.holding import Connection
from oms.capture.rows import Placing, Row, customer_row

Answer = AsyncCursor[tuple[Any, ...]]


async def make(connection: Connection, facts: Facts, placings: Sequence[Placing]) -> Answer | None:
    """Write the customers that are missing; hand the answer to `settle` once more was sent.

    Another process may write the same customer: the unique index decides, and `settle` reads.
    """
    rows: list[Row] = []
    fresh: dict[str, Placing] = {}
    for one in placings:
        folded, known = facts.customers.get(one.email, ("", None))
        if known is not None:
            one.customer_id = known
        elif folded:
            fresh.setdefault(folded, one)
        else:
            rows.append(customer_row(one))
    # By address, so that two batches with the same new customers do not wait for each other.
    rows += [customer_row(fresh[folded]) for folded in sorted(fresh)]
    if rows:
        await tables.insert(connection, tables.CUSTOMERS, rows)
    if not fresh:
        return None
    return await connection.execute(questions.CUSTOMERS, [[one.email for one in fresh.values()]])


async def settle(made: Answer | None, facts: Facts, placings: Sequence[Placing]) -> None:
    """Give each order whose customer was made the id that the database has."""
    if made is None:
        return
    by_folded = {row[1]: row[2] for row in await made.fetchall()}
    for one in placings:
        folded, known = facts.customers.get(one.email, ("", None))
        if folded and known is None:
            one.customer_id = by_folded[folded]
