"""End what ends by itself: checkout holds, dated rules, preorders, gift cards, promises that slip.

The relay calls `sweep` at every turn. Each thing ends in a transaction of its own, by what the
database says at that moment, so that several workers, or one that was away for a day, do no harm.
"""

from collections.abc import Callable
from functools import partial

from sqlmodel import Session

from oms.db import transaction
from oms.errors import OmsError
from oms.inventory import checkout_holds, rules
from oms.ordering import delaying, preordering
from oms.payments import crediting

_MOST = 50
"""Of each kind in one turn; the next turn follows at once."""


def sweep() -> bool:
    """End what is due now, at most fifty of each kind; say whether there was anything."""
    ended = 0
    with transaction() as session:
        due_holds = checkout_holds.next_due(session, limit=_MOST)
        due_rules = rules.next_due(session, limit=_MOST)
        due_orders = preordering.next_due(session, limit=_MOST)
        late = delaying.next_due(session, limit=_MOST)
        due_credits = crediting.next_due(session, limit=_MOST)
    for hold_id in due_holds:
        ended += alone(partial(checkout_holds.expire, hold_ids=[hold_id]))
    for rule_id in due_rules:
        ended += alone(
            partial(
                rules.end_rule, rule_id=rule_id, actor="system", because="its end date has come"
            )
        )
    for order_id in due_orders:
        ended += alone(partial(preordering.release_if_due, order_id=order_id))
    for order_id in late:
        ended += alone(partial(delaying.tell, order_id=order_id))
    for credit_id in due_credits:
        ended += alone(partial(crediting.expire, credit_id=credit_id))
    return ended > 0


def alone(step: Callable[[Session], object]) -> int:
    """Carry out one step in a transaction of its own; 0 when there was nothing left to do.

    Another worker, or a person, may have been faster; then the rules refuse the step.
    """
    try:
        with transaction() as session:
            return int(bool(step(session)))
    except OmsError:
        return 0
