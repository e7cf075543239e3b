"""Notices go out once by each medium; what fails is told apart; nothing is lost meanwhile."""

import base64
import json
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from oms import clock
from oms.channels.base import RawRequest
from oms.channels.reference import signature
from oms.customers.models import Customer
from oms.db import transaction
from oms.errors import IllegalMove
from oms.exceptions.models import ExceptionKind, OpenException
from oms.notifications import delivering, notices, opting_out, sending
from oms.notifications.media import Misconfigured, NotTaken, OutcomeUnknown
from oms.notifications.models import Medium, Notice, NoticeKind, NoticeSending, SendingStatus
from oms.orders.models import Order
from oms.outbox.models import OutboxRow
from oms.settings import settings
from tests.builders import an_order
from tests.oms.notifications.conftest import Door
from tests.oms.notifications.mailbox import Mailbox
from tests.oms.shop import a_shop, fill, ready, routed


def a_ready_pickup(*, locale: str = "", phone: str = "") -> UUID:
    """A pickup lies ready, so a notice is owed; its id."""
    with transaction() as session:
        fill(session, a_shop(session))
        order = an_order(session, {"MUG": 1}, pickup_store="S01")
        order.locale = locale
        customer = session.get_one(Customer, order.customer_id)
        customer.phone = phone
        ready(session, routed(session, order)[0])
        session.flush()
        return session.exec(select(Notice.id)).one()


def rows() -> list[NoticeSending]:
    with transaction() as session:
        return list(session.exec(select(NoticeSending).order_by(col(NoticeSending.medium))))


def prepared(notice_id: UUID) -> UUID:
    with transaction() as session:
        sending.prepare(session, notice_id)
    return notice_id


def part(letter: EmailMessage, kind: str) -> str:
    found = letter.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


@pytest.mark.usefixtures("live_database")
def test_without_anything_to_send_by_notices_are_kept_and_wake_nobody() -> None:
    notice_id = a_ready_pickup()
    with transaction() as session:
        assert session.get_one(Notice, notice_id).closed_at is not None
        topics = session.exec(select(OutboxRow.topic)).all()
    assert not any(topic.startswith("notice.") for topic in topics)
    prepared(notice_id)
    assert rows() == []


@pytest.mark.usefixtures("live_database")
def test_a_letter_goes_out_once_in_text_and_html(mailbox: Mailbox) -> None:
    notice_id = a_ready_pickup(locale="de-DE")
    prepared(prepared(notice_id))
    assert delivering.deliver(notice_id, Medium.EMAIL) == 1
    assert delivering.deliver(notice_id, Medium.EMAIL) == 0
    [letter], [row] = mailbox.letters, rows()
    assert (row.status, row.attempts, row.locale) == (SendingStatus.SENT, 1, "de_DE")
    assert row.reference == letter["Message-ID"] == f"<{row.id}@localhost>"
    assert letter.get_content_type() == "multipart/alternative"
    assert letter["To"] == "ada@example.com"
    assert "ist bei Store S01 abholbereit" in letter["Subject"]
    assert letter["Content-Language"] == "de"
    assert "List-Unsubscribe" not in letter  # part of the sale itself
    assert "1 High Street, New York, NY 10001, Vereinigte Staaten" in part(letter, "plain")
    assert '<a href="http' in part(letter, "html")
    with transaction() as session:
        assert session.get_one(Notice, notice_id).closed_at is not None


@pytest.mark.usefixtures("live_database")
def test_what_need_not_be_sent_can_be_refused_with_one_click(mailbox: Mailbox) -> None:
    with transaction() as session:
        fill(session, a_shop(session))
        order = an_order(session, {"MUG": 1})
        for cause in ("one", "two"):
            facts = {"number": 1, "by_mail": True, "until": clock.now().isoformat()}
            kind = NoticeKind.RETURN_REMINDER
            notices.record(session, order.id, kind=kind, cause=cause, facts=facts)
        first, second = session.exec(select(Notice.id).order_by(col(Notice.cause))).all()
    delivering.deliver(prepared(first), Medium.EMAIL)
    [letter] = mailbox.letters
    link = letter["List-Unsubscribe"].strip("<>")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with transaction() as session:
        opting_out.unsubscribe(session, link.rpartition("/")[2])
    assert delivering.deliver(prepared(second), Medium.EMAIL) == 0
    assert [row.status for row in rows()] == [SendingStatus.SENT, SendingStatus.OPTED_OUT]
    assert len(mailbox.letters) == 1


@pytest.mark.usefixtures("live_database")
def test_no_choice_of_the_customer_keeps_back_that_their_goods_wait(mailbox: Mailbox) -> None:
    notice_id = a_ready_pickup()
    with transaction() as session:
        customer_id = session.exec(select(Order.customer_id)).one()
        opting_out.put(session, customer_id, Medium.EMAIL, list(NoticeKind), actor="customer")
        kept = {kind for _, kind in opting_out.of_customer(session, customer_id)}
    assert kept == set(NoticeKind) - opting_out.MUST_MAIL
    assert delivering.deliver(prepared(notice_id), Medium.EMAIL) == 1


@pytest.mark.usefixtures("live_database")
def test_an_address_that_is_refused_is_not_tried_again_by_itself(mailbox: Mailbox) -> None:
    mailbox.refuses = "550 nobody here"
    notice_id = prepared(a_ready_pickup())
    assert delivering.deliver(notice_id, Medium.EMAIL) == 0
    [row] = rows()
    assert (row.status, "550" in (row.last_error or "")) == (SendingStatus.REFUSED, True)
    mailbox.refuses = ""
    assert delivering.deliver(notice_id, Medium.EMAIL) == 0
    with transaction() as session:
        sending.send_again(session, row.id, actor="operator:olga")
    assert delivering.deliver(notice_id, Medium.EMAIL) == 1
    with transaction() as session, pytest.raises(IllegalMove):
        sending.send_again(session, row.id, actor="operator:olga")


@pytest.mark.usefixtures("live_database")
def test_a_mail_server_that_is_away_or_asks_to_wait_loses_nothing(mailbox: Mailbox) -> None:
    notice_id = prepared(a_ready_pickup())
    mailbox.refuses = "451 greylisted"
    with pytest.raises(NotTaken, match="451"):
        delivering.deliver(notice_id, Medium.EMAIL)
    [row] = rows()
    assert (row.status, row.attempts, row.begun_at) == (SendingStatus.OWED, 1, None)
    mailbox.refuses = ""
    assert delivering.deliver(notice_id, Medium.EMAIL) == 1


@pytest.mark.usefixtures("live_database", "mailbox")
def test_what_is_given_up_asks_a_person_until_it_is_sent() -> None:
    notice_id = prepared(a_ready_pickup())
    with transaction() as session:
        [row] = sending.owed(session, notice_id)
        sending.begin(session, row.id)
        sending.give_up(session, notice_id, Medium.EMAIL, error="no answer")
        sending.give_up(session, notice_id, Medium.EMAIL, error="no answer")
        case = session.exec(select(OpenException)).one()
        assert (case.kind, case.owner) == (ExceptionKind.NOTICE_FAILED, "operations")
        assert session.get_one(Notice, notice_id).closed_at is not None
    with transaction() as session:
        sending.send_again(session, row.id, actor="operator:olga")
        assert session.get_one(Notice, notice_id).closed_at is None
    assert delivering.deliver(notice_id, Medium.EMAIL) == 1
    with transaction() as session:
        assert session.exec(select(OpenException)).one().resolved_at is not None


@pytest.mark.usefixtures("live_database")
def test_a_text_message_goes_to_twilio_as_its_api_wants_it(texting: Door) -> None:
    notice_id = prepared(a_ready_pickup(locale="nl", phone="+31 6 1234 5678"))
    assert delivering.deliver(notice_id, Medium.SMS) == 1
    [asked], [row] = texting.asked, rows()
    assert asked.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:t").decode()
    form = parse_qs(asked.body.decode())
    assert (form["To"], form["From"]) == (["+31612345678"], ["+15550001"])
    assert "klaar" in form["Body"][0]
    assert (row.status, row.reference) == (SendingStatus.SENT, "SM1")


@pytest.mark.usefixtures("live_database")
def test_a_text_message_is_never_sent_twice_for_want_of_an_answer(texting: Door) -> None:
    texting.hangs_up = True
    notice_id = prepared(a_ready_pickup(phone="+31612345678"))
    for _ in range(2):  # the attempt, and the one after a crash
        with pytest.raises(OutcomeUnknown):
            delivering.deliver(notice_id, Medium.SMS)
    assert len(texting.asked) == 1


@pytest.mark.usefixtures("live_database")
@pytest.mark.parametrize(
    ("answer", "kind", "status"),
    [
        ((400, {"code": 21211, "message": "no number"}), None, SendingStatus.REFUSED),
        ((401, {"code": 20003, "message": "no"}), Misconfigured, SendingStatus.OWED),
        ((429, {"code": 20429}), NotTaken, SendingStatus.OWED),
    ],
)
def test_what_twilio_refuses_is_told_apart(
    texting: Door,
    answer: tuple[int, dict[str, object]],
    kind: type[Exception] | None,
    status: SendingStatus,
) -> None:
    texting.answers = [answer]
    notice_id = prepared(a_ready_pickup(phone="+31612345678"))
    if kind is None:
        assert delivering.deliver(notice_id, Medium.SMS) == 0
    else:
        with pytest.raises(kind):
            delivering.deliver(notice_id, Medium.SMS)
    assert [row.status for row in rows()] == [status]


@pytest.mark.usefixtures("live_database", "texting")
def test_a_number_without_its_country_is_not_guessed() -> None:
    prepared(a_ready_pickup(phone="06 1234 5678"))
    [row] = rows()
    assert (row.status, row.last_error is not None) == (SendingStatus.SKIPPED, True)


@pytest.mark.usefixtures("live_database")
def test_a_webhook_is_signed_and_says_nothing_of_the_person(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = b"k" * 32
    secret = "whsec_" + base64.b64encode(key).decode()
    monkeypatch.setenv(
        "TRIBUTARY_NOTICE_WEBHOOKS", json.dumps({"app": {"url": door.url, "secrets": [secret]}})
    )
    settings.cache_clear()
    door.answers = [(503, {}), (409, {})]  # it was there: 409 says so
    notice_id = prepared(a_ready_pickup())
    with pytest.raises(NotTaken):
        delivering.deliver(notice_id, Medium.WEBHOOK)
    assert delivering.deliver(notice_id, Medium.WEBHOOK) == 1
    first, second = door.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == str(rows()[0].id)
    request = RawRequest(headers=tuple(second.headers.items()), body=second.body)
    signature.verify(request, keys=[key], now=clock.now())
    told = json.loads(second.body)
    assert told["type"] == "notice.ready"
    assert "ada" not in second.body.decode().lower()


def test_one_cause_makes_one_notice_and_a_silent_kind_none(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(session, a_shop(session))
    order = an_order(session, {"MUG": 1})
    promised = clock.now() - timedelta(days=1)
    for expected in (True, False):
        told = notices.delayed(
            session, order_id=order.id, promised=promised, expected=None, why="work"
        )
        assert told is expected
    brand = {"default": {"name": "Acme", "silent": ["confirmed"]}}
    monkeypatch.setenv("TRIBUTARY_BRANDS", json.dumps(brand))
    settings.cache_clear()
    assert notices.record(session, order.id, kind=NoticeKind.CONFIRMED, cause="x", facts={})
    [_, silent] = notices.of_order(session, order.id)
    assert sending.prepare(session, silent.id).closed_at is not None
    assert sending.of_notice(session, silent.id) == []
