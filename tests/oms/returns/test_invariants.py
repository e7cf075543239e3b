"""The invariants of money and returns find what they are there for."""

import pytest
from sqlmodel import Session

from oms import invariants
from oms.payments import cards, crediting, refunding
from oms.payments.cards import Found
from oms.payments.refunding import Onto
from oms.returns import disposing, settling
from oms.returns.models import Disposition, ReturnStatus
from tests.oms.payments.money import TOTAL, an_order_with_money, sent
from tests.oms.planting import Plant, found_after
from tests.oms.returns.parcels import asked, inspected, received
from tests.oms.returns.plants import MONEY_AND_RETURNS
from tests.oms.shop import Shop, fill


@pytest.fixture
def returned(session: Session, shop: Shop) -> None:
    """A return that is closed, and another one that waits."""
    fill(session, shop)
    order = sent(session, an_order_with_money(session))
    row = asked(session, order, MUG=1)
    received(session, row, shop.riverside, MUG=1)
    [one] = inspected(session, row)
    settling.give_money_back(session, row.id)
    disposing.dispose(session, row.id, one.id, Disposition.SELLABLE, actor="anna")
    assert settling.close(session, row.id).status is ReturnStatus.CLOSED
    asked(session, order, LAMP=1)
    credit = crediting.for_refunds(session, currency="USD", actor="anna").credit
    refunding.refund(
        session, order.id, {}, cause="asked:1", reason="sorry", actor="anna", goodwill_minor=100,
        onto=Onto(credit.id),
    )  # fmt: skip
    card = cards.claim(session, an_order_with_money(session).id, "pi_1", actor="shop")
    cards.looked(session, card.id, Found("pi_1", "requires_capture", "USD", TOTAL))
    session.flush()
    assert invariants.broken(session) == []


def test_each_planted_corruption_is_found(session: Session, returned: None) -> None:
    overlooked = [plant for plant in MONEY_AND_RETURNS if not _found(session, plant)]
    assert overlooked == []


def _found(session: Session, plant: Plant) -> bool:
    return bool(found_after(session, plant))
