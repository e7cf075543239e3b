"""Every pair of every table of moves: the legal ones are made and told, the others change nothing.

What is legal is written here once more, in words, so that a move cannot be added by accident.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.models import AuditRow
from oms.channels import states as channels
from oms.channels.models import (
    ChannelMessage,
    MessageStatus,
    Writeback,
    WritebackKind,
    WritebackStatus,
)
from oms.errors import IllegalMove
from oms.fulfilments import states as fulfilments
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel, ParcelStatus
from oms.inventory import states as inventory
from oms.inventory.checkout_models import CheckoutHold, CheckoutHoldStatus
from oms.inventory.models import Reservation, ReservationStatus
from oms.inventory.supply_models import Supply, SupplyKind, SupplyStatus
from oms.notifications import states as notifications
from oms.notifications.models import Medium, NoticeSending, SendingStatus
from oms.orders.models import Delivery
from oms.outbox.models import OutboxRow
from oms.payments import states as payments
from oms.payments.card_models import CardIntent, IntentStatus
from oms.payments.models import RepaymentStatus
from oms.pickup import states as pickups
from oms.pickup.curbside_models import Arrival, ArrivalStatus
from oms.pickup.models import Pickup, PickupStatus, Proof
from oms.returns import states as returns
from oms.returns.models import ReturnStatus
from oms.transfers import states as transfers
from oms.transfers.models import Transfer, TransferStatus

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

FULFILMENT = """
allocated -> picking rejected cancelled
picking -> packed allocated rejected cancelled
packed -> handed_over cancelled
handed_over -> delivered lost returned
delivered ->
rejected ->
cancelled ->
lost ->
returned ->
"""
SENDING = """
owed -> sent refused dead
sent ->
refused -> owed
dead -> owed
skipped ->
opted_out ->
"""
PARCEL = """
packed -> labelled voided
labelled -> in_transit out_for_delivery delivery_failed delivered returned lost voided
in_transit -> out_for_delivery delivery_failed delivered returned lost
out_for_delivery -> in_transit delivery_failed delivered returned lost
delivery_failed -> in_transit out_for_delivery delivered returned lost
delivered ->
returned ->
lost -> delivered returned
voided ->
"""
PICKUP = """
preparing -> ready cancelled
ready -> handing_over expired to_put_back
handing_over -> collected ready expired to_put_back
expired -> put_back handing_over to_put_back
collected ->
to_put_back -> put_back
put_back ->
cancelled ->
"""
ARRIVAL = """
on_the_way -> here served gone
here -> taken served gone
taken -> here served gone
served ->
gone ->
"""
RESERVATION = """
held -> aside released consumed
aside -> released
released ->
consumed ->
"""
CHECKOUT_HOLD = """
open -> converted released expired
converted ->
released ->
expired ->
"""
SUPPLY = """
incoming -> in_transit received closed
in_transit -> received closed
received ->
closed ->
"""
TRANSFER = """
requested -> picked cancelled
picked -> shipped cancelled
shipped -> received lost
received ->
lost ->
cancelled ->
"""
MESSAGE = """
received -> applied superseded ignored parked
parked -> applied superseded ignored parked
applied ->
superseded ->
ignored ->
"""
WRITEBACK = """
owed -> accepted dead
dead -> owed accepted
accepted ->
"""

CARD = """
asked -> open spent refused
open -> spent voided
spent ->
voided ->
refused ->
"""
RETURN = """
asked -> authorised refused cancelled
authorised -> in_transit received expired cancelled
in_transit -> received expired
received -> inspected
inspected -> closed
refused -> authorised
expired -> authorised
closed ->
cancelled ->
"""
REPAYMENT = """
owed -> paid
paid ->
"""


def pairs(table: str) -> list[tuple[str, str, bool]]:
    """Every pair of statuses, and whether the first may become the second."""
    legal = {}
    for row in table.strip().splitlines():
        status, _, following = row.partition(" ->")
        legal[status] = following.split()
    return [(before, after, after in legal[before]) for before in legal for after in legal]


@pytest.mark.parametrize(
    ("table", "statuses"),
    [
        (FULFILMENT, FulfilmentStatus),
        (PARCEL, ParcelStatus),
        (PICKUP, PickupStatus),
        (ARRIVAL, ArrivalStatus),
        (RESERVATION, ReservationStatus),
        (CHECKOUT_HOLD, CheckoutHoldStatus),
        (SUPPLY, SupplyStatus),
        (TRANSFER, TransferStatus),
        (MESSAGE, MessageStatus),
        (WRITEBACK, WritebackStatus),
        (RETURN, ReturnStatus),
        (REPAYMENT, RepaymentStatus),
    ],
)
def test_the_tables_here_leave_no_status_out(table: str, statuses: type) -> None:
    assert {before for before, _, _ in pairs(table)} == {status.value for status in statuses}


def told(session: Session, subject_id: UUID) -> tuple[list[str], list[tuple[str, int]]]:
    """Actions in the audit trail, and topics with versions in the outbox, of one thing."""
    session.flush()
    audit = session.exec(
        select(AuditRow.action).where(AuditRow.subject_id == subject_id).order_by(col(AuditRow.id))
    ).all()
    outbox = session.exec(
        select(OutboxRow.topic, OutboxRow.version)
        .where(OutboxRow.subject_id == subject_id)
        .order_by(col(OutboxRow.id))
    ).all()
    return list(audit), [(topic, version) for topic, version in outbox]


def nothing_told(session: Session) -> bool:
    session.flush()
    counts = (select(func.count()).select_from(table) for table in (AuditRow, OutboxRow))
    return all(session.exec(count).one() == 0 for count in counts)


@pytest.mark.parametrize("kind", list(Delivery))
@pytest.mark.parametrize(("before", "after", "legal"), pairs(FULFILMENT))
def test_a_fulfilment_moves_as_its_table_says_and_tells_of_it_once(
    session: Session, before: str, after: str, legal: bool, kind: Delivery
) -> None:
    row = Fulfilment(
        number=7,
        order_id=uuid4(),
        location_id=uuid4(),
        kind=kind,
        status=FulfilmentStatus(before),
        version=3,
        decision_id=uuid4(),
        due_at=NOON,
        created_at=NOON,
    )
    if not legal:
        with pytest.raises(IllegalMove, match=f"is {before}, so it cannot become {after}"):
            fulfilments.move(session, row, FulfilmentStatus(after), actor="test")
        assert (row.status, row.version, row.closed_at) == (FulfilmentStatus(before), 3, None)
        assert nothing_told(session)
        return
    with clock.at(NOON):
        fulfilments.move(session, row, FulfilmentStatus(after), actor="test")
    assert (row.status, row.version) == (FulfilmentStatus(after), 4)
    assert told(session, row.id) == ([f"fulfilment.{after}"], [(f"fulfilment.{after}", 4)])
    over = {"delivered", "rejected", "cancelled", "lost", "returned"}
    ends = after in over or (after == "handed_over" and kind is Delivery.PICKUP)
    assert row.closed_at == (NOON if ends else None)
    assert fulfilments.is_closed(row) is ends


@pytest.mark.parametrize(("before", "after", "legal"), pairs(PARCEL))
def test_a_parcel_moves_as_its_table_says(before: str, after: str, legal: bool) -> None:
    row = Parcel(
        fulfilment_id=uuid4(),
        number=1,
        status=ParcelStatus(before),
        version=3,
        weight_g=1,
        length_mm=1,
        width_mm=1,
        height_mm=1,
    )
    if legal:
        fulfilments.move_parcel(row, ParcelStatus(after))
        assert (row.status, row.version) == (ParcelStatus(after), 4)
    else:
        with pytest.raises(IllegalMove, match=f"is {before}, so it cannot become {after}"):
            fulfilments.move_parcel(row, ParcelStatus(after))
        assert (row.status, row.version) == (ParcelStatus(before), 3)


def words(said: str) -> str:
    return said.replace("_", " ")


@pytest.mark.parametrize(("before", "after", "legal"), pairs(PICKUP))
def test_a_pickup_moves_as_its_table_says_and_tells_of_it_once(
    session: Session, before: str, after: str, legal: bool
) -> None:
    row = Pickup(
        fulfilment_id=uuid4(),
        order_id=uuid4(),
        location_id=uuid4(),
        status=PickupStatus(before),
        version=3,
        due_at=NOON,
        code="123456",
        qr_token="token",
        proof=Proof.CODE,
    )
    if not legal:
        with pytest.raises(IllegalMove, match=words(f"is {before}, so it cannot become {after}")):
            pickups.move(session, row, PickupStatus(after), actor="test")
        assert (row.status, row.version) == (PickupStatus(before), 3)
        assert nothing_told(session)
        return
    pickups.move(session, row, PickupStatus(after), actor="test")
    assert (row.status, row.version) == (PickupStatus(after), 4)
    assert told(session, row.id) == ([f"pickup.{after}"], [(f"pickup.{after}", 4)])


@pytest.mark.parametrize(("before", "after", "legal"), pairs(ARRIVAL))
def test_a_visit_moves_as_its_table_says_and_forgets_the_car_at_its_end(
    session: Session, before: str, after: str, legal: bool
) -> None:
    pickup = Pickup(id=uuid4(), order_id=uuid4(), location_id=uuid4(), version=3)
    row = Arrival(
        id=uuid4(),
        pickup_id=pickup.id,
        location_id=pickup.location_id,
        status=ArrivalStatus(before),
        version=2,
        vehicle="blue",
        plate="AB 123",
        created_at=NOON,
    )
    if not legal:
        with pytest.raises(IllegalMove, match="so it cannot become"):
            pickups.move_arrival(session, pickup, row, ArrivalStatus(after), actor="test")
        assert (row.status, row.version, row.plate) == (ArrivalStatus(before), 2, "AB 123")
        assert nothing_told(session)
        return
    pickups.move_arrival(session, pickup, row, ArrivalStatus(after), actor="test")
    over = after in ("served", "gone")
    assert (row.status, row.version) == (ArrivalStatus(after), 3)
    assert (row.vehicle, row.plate) == (("", "") if over else ("blue", "AB 123"))
    assert (row.closed_at is not None) is over
    # It is news of the pickup, whose own version stays.
    assert told(session, pickup.id) == ([f"arrival.{after}"], [(f"arrival.{after}", 3)])


@pytest.mark.parametrize(("before", "after", "legal"), pairs(CARD))
def test_a_card_payment_moves_as_its_table_says_and_tells_of_it_once(
    session: Session, before: str, after: str, legal: bool
) -> None:
    row = CardIntent(
        payment_id=uuid4(),
        order_id=uuid4(),
        intent_id="pi_1",
        status=IntentStatus(before),
        version=3,
        asked_at=NOON,
    )
    if not legal:
        with pytest.raises(IllegalMove, match=f"is {before}, so it cannot become {after}"):
            payments.move_intent(session, row, IntentStatus(after), actor="test")
        assert (row.status, row.version) == (IntentStatus(before), 3)
        assert nothing_told(session)
        return
    payments.move_intent(session, row, IntentStatus(after), actor="test")
    assert (row.status, row.version) == (IntentStatus(after), 4)
    assert told(session, row.payment_id) == ([f"card.{after}"], [(f"card.{after}", 4)])


@pytest.mark.parametrize(("before", "after", "legal"), pairs(TRANSFER))
def test_a_transfer_moves_as_its_table_says_and_tells_of_it_once(
    session: Session, before: str, after: str, legal: bool
) -> None:
    row = Transfer(
        from_location_id=uuid4(),
        to_location_id=uuid4(),
        status=TransferStatus(before),
        version=3,
        expected_at=NOON,
        requested_at=NOON,
        requested_by="test",
    )
    if not legal:
        with pytest.raises(IllegalMove, match=f"is {before}, so it cannot become {after}"):
            transfers.move(session, row, TransferStatus(after), actor="test")
        assert (row.status, row.version) == (TransferStatus(before), 3)
        assert nothing_told(session)
        return
    transfers.move(session, row, TransferStatus(after), actor="test")
    assert (row.status, row.version) == (TransferStatus(after), 4)
    assert (row.closed_at is not None) is (after in ("received", "lost", "cancelled"))
    assert told(session, row.id) == ([f"transfer.{after}"], [(f"transfer.{after}", 4)])


@pytest.mark.parametrize(("before", "after", "legal"), pairs(RESERVATION))
def test_a_reservation_ends_once(before: str, after: str, legal: bool) -> None:
    row = Reservation(
        order_id=uuid4(),
        line_id=uuid4(),
        location_id=uuid4(),
        sku="MUG",
        quantity=1,
        status=ReservationStatus(before),
        created_at=NOON,
    )
    if legal:
        with clock.at(NOON):
            inventory.close(row, ReservationStatus(after))
        assert (row.status, row.closed_at) == (ReservationStatus(after), NOON)
    else:
        with pytest.raises(IllegalMove, match=f"is {before}, so it cannot become {after}"):
            inventory.close(row, ReservationStatus(after))
        assert (row.status, row.closed_at) == (ReservationStatus(before), None)


@pytest.mark.parametrize(("before", "after", "legal"), pairs(CHECKOUT_HOLD))
def test_a_checkout_hold_ends_once(before: str, after: str, legal: bool) -> None:
    row = CheckoutHold(
        channel="till",
        status=CheckoutHoldStatus(before),
        expires_at=NOON,
        last_expiry=NOON,
        created_at=NOON,
        created_by="web",
    )
    order_id = uuid4()
    with clock.at(NOON):
        if legal:
            inventory.close_checkout_hold(row, CheckoutHoldStatus(after), order_id=order_id)
        else:
            with pytest.raises(IllegalMove):
                inventory.close_checkout_hold(row, CheckoutHoldStatus(after), order_id=order_id)
    found = (row.status.value, row.version, row.order_id, row.closed_at)
    assert found == ((after, 2, order_id, NOON) if legal else (before, 1, None, None))


@pytest.mark.parametrize(("before", "after", "legal"), pairs(SUPPLY))
def test_expected_goods_come_once(before: str, after: str, legal: bool) -> None:
    row = Supply(
        kind=SupplyKind.PURCHASE,
        document="PO-1",
        sku="MUG",
        location_id=uuid4(),
        announced=1,
        expected_at=NOON,
        status=SupplyStatus(before),
        created_at=NOON,
        created_by="buyer",
    )
    with clock.at(NOON):
        if legal:
            inventory.move_supply(row, SupplyStatus(after))
        else:
            with pytest.raises(IllegalMove):
                inventory.move_supply(row, SupplyStatus(after))
    closed = NOON if legal and after in ("received", "closed") else None
    found = (row.status.value, row.version, row.closed_at)
    assert found == ((after, 2, closed) if legal else (before, 1, None))


@pytest.mark.parametrize(("before", "after", "legal"), pairs(MESSAGE))
def test_a_message_is_settled_once_unless_it_was_parked(
    before: str, after: str, legal: bool
) -> None:
    row = ChannelMessage(
        channel="shopify",
        dedupe_key="key",
        topic="orders/create",
        received_at=NOON,
        headers={},
        body=b"",
        status=MessageStatus(before),
    )
    order_id = uuid4()
    if legal:
        with clock.at(NOON):
            channels.settle(row, MessageStatus(after), outcome="why", order_id=order_id)
        assert (row.status, row.outcome, row.order_id, row.settled_at) == (
            MessageStatus(after),
            "why",
            order_id,
            NOON,
        )
    else:
        with pytest.raises(IllegalMove, match=f"is {before}, so it cannot become {after}"):
            channels.settle(row, MessageStatus(after), outcome="why", order_id=order_id)
        assert (row.status, row.outcome, row.order_id) == (MessageStatus(before), "", None)


@pytest.mark.parametrize(("before", "after", "legal"), pairs(WRITEBACK))
def test_a_writeback_is_accepted_once_and_revived_by_hand_only(
    before: str, after: str, legal: bool
) -> None:
    row = Writeback(
        channel="shopify",
        kind=WritebackKind.SHIPPED,
        subject_id=uuid4(),
        order_id=uuid4(),
        status=WritebackStatus(before),
        version=3,
        created_at=NOON,
    )

    def move() -> None:
        match WritebackStatus(after):
            case WritebackStatus.ACCEPTED:
                channels.accept(row, reference="F1")
            case WritebackStatus.DEAD:
                channels.give_up(row, error="no")
            case WritebackStatus.OWED:
                channels.owe_again(row)

    if legal:
        move()
        assert (row.status, row.version) == (WritebackStatus(after), 4)
    else:
        with pytest.raises(IllegalMove, match=f"is {before}, so it cannot become {after}"):
            move()
        assert (row.status, row.version, row.external_ref, row.last_error) == (
            WritebackStatus(before),
            3,
            None,
            None,
        )


@pytest.mark.parametrize(("before", "after", "legal"), pairs(RETURN))
def test_a_return_moves_as_its_table_says(before: str, after: str, legal: bool) -> None:
    assert (ReturnStatus(after) in returns.NEXT[ReturnStatus(before)]) is legal


@pytest.mark.parametrize(("before", "after", "legal"), pairs(REPAYMENT))
def test_a_repayment_is_paid_once(before: str, after: str, legal: bool) -> None:
    assert (RepaymentStatus(after) in payments.NEXT[RepaymentStatus(before)]) is legal


@pytest.mark.parametrize(("before", "after", "legal"), pairs(SENDING))
def test_a_sending_moves_as_its_table_says(before: str, after: str, legal: bool) -> None:
    row = NoticeSending(
        notice_id=uuid4(),
        medium=Medium.EMAIL,
        status=SendingStatus(before),
        locale="en",
        subject="",
        body="",
        token="t",
        created_at=NOON,
    )
    if legal:
        with clock.at(NOON):
            notifications.move(row, SendingStatus(after), error="why")
        assert (row.status, row.last_error) == (SendingStatus(after), "why")
        assert (row.sent_at == NOON) is (after == "sent")
    else:
        with pytest.raises(IllegalMove, match=f"is {before}, so it cannot become {after}"):
            notifications.move(row, SendingStatus(after))
        assert (row.status, row.last_error) == (SendingStatus(before), None)
