"""Pushed tracking over HTTP: proved, kept before the thanks, applied once, replayed when mended."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from api.carrier_sandbox.playing import Played
from carriers.base import LabelFormat, RawRequest, ScanCode
from oms.audit.models import AuditRow
from oms.channels.models import ChannelMessage, MessageStatus
from oms.db import transaction
from oms.exceptions.models import ExceptionKind, OpenException
from oms.fulfilments import handing_over, packing, queries
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel, ParcelScan
from oms.settings import settings
from tests.api.asking import Api
from tests.builders import an_order
from tests.carriers.builders import Clock, a_shipment
from tests.carriers.standins import API_KEY, WEBHOOK_SECRET, a_stand_in, an_adapter
from tests.oms.shop import Shop, a_label, packed, routed
from workflows import carriage, carrier_news

HERE = "/v1/webhooks/carriers/easypost"


@pytest.fixture(autouse=True)
def _configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    given = {"kind": "easypost", "api_key": API_KEY, "webhook_secrets": [WEBHOOK_SECRET]}
    monkeypatch.setenv("TRIBUTARY_CARRIERS", json.dumps({"easypost": given}))
    settings.cache_clear()
    carriage.registry.cache_clear()
    yield
    carriage.registry.cache_clear()


@pytest.fixture
def played() -> Played:
    """EasyPost's stand-in, which has sold one label."""
    made = a_stand_in("easypost")
    carrier = an_adapter(made)
    carrier.buy(a_shipment(), carrier.rate(a_shipment())[0], LabelFormat.PDF, "key")
    return made


@pytest.fixture
def part(shop: Shop, played: Played) -> Fulfilment:
    """A shipment that travels under that label."""
    [sale] = played.sales.sold()
    with transaction() as session:
        [made] = routed(session, an_order(session, {"MUG": 1}))
        [parcel] = packed(session, made)
        packing.attach_label(session, parcel.id, a_label(sale.number), actor="test")
        session.get_one(Parcel, parcel.id).carrier = "easypost"
        handing_over.to_carrier(session, made.id, actor="anna")
        session.expunge(made)
    return made


def push(played: Played, code: ScanCode, *, hours: float) -> RawRequest:
    """What EasyPost sends when something has happened."""
    clock = played.sales.clock
    assert isinstance(clock, Clock)
    [sale] = played.sales.sold()
    played.sales.happen(sale.number, code, at=clock.now + timedelta(hours=hours))
    return played.stand_in.push(sale, played.sales.events(sale)[-1], path=HERE)


def send(client: TestClient, request: RawRequest, *, path: str = HERE) -> Response:
    return client.post(path, content=request.body, headers=dict(request.headers))


def the_message() -> ChannelMessage:
    with transaction() as session:
        [message] = session.exec(select(ChannelMessage)).all()
        session.expunge(message)
        return message


def codes(part: Fulfilment) -> list[str]:
    with transaction() as session:
        [parcel] = queries.parcels(session, part.id)
        found = session.exec(select(ParcelScan).where(ParcelScan.parcel_id == parcel.id))
        return [scan.code for scan in sorted(found, key=lambda scan: scan.scanned_at)]


def test_a_push_is_kept_and_moves_the_parcel_once(
    client: TestClient, played: Played, part: Fulfilment
) -> None:
    delivered = push(played, ScanCode.DELIVERED, hours=5)
    answer = send(client, delivered)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["repeated"]) == ("applied", False)
    message = the_message()
    assert (message.channel, message.body, message.status) == (
        "carrier:easypost",
        delivered.body,
        MessageStatus.APPLIED,
    )
    assert message.headers == {}  # neither signature nor anything else
    assert codes(part) == ["label_created", "delivered"]
    again = send(client, delivered)
    assert (again.json()["status"], again.json()["repeated"]) == ("applied", True)
    assert codes(part) == ["label_created", "delivered"]
    with transaction() as session:
        moved = session.exec(select(AuditRow).where(AuditRow.action == "parcel.delivered")).all()
        assert [row.actor for row in moved] == ["carrier:easypost"]
        status = session.get_one(Fulfilment, part.id).status
        assert status is FulfilmentStatus.DELIVERED


def test_pushes_in_any_order_come_to_the_same_end(
    client: TestClient, played: Played, part: Fulfilment
) -> None:
    first = push(played, ScanCode.OUT_FOR_DELIVERY, hours=3)
    second = push(played, ScanCode.DELIVERED, hours=5)
    assert send(client, second).status_code == 200
    assert send(client, first).status_code == 200
    assert codes(part) == ["label_created", "out_for_delivery", "delivered"]
    with transaction() as session:
        assert session.get_one(Fulfilment, part.id).status is FulfilmentStatus.DELIVERED


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (ScanCode.LOST, FulfilmentStatus.LOST),
        (ScanCode.RETURNED_TO_SENDER, FulfilmentStatus.RETURNED),
    ],
)
def test_a_lost_or_returned_parcel_becomes_a_case(
    client: TestClient, played: Played, part: Fulfilment, code: ScanCode, status: FulfilmentStatus
) -> None:
    send(client, push(played, code, hours=5))
    with transaction() as session:
        assert session.get_one(Fulfilment, part.id).status is status
        [case] = session.exec(select(OpenException)).all()
        assert case.kind is ExceptionKind.PARCEL_LOST


def test_a_push_that_is_not_proved_leaves_no_trace(
    client: TestClient, played: Played, part: Fulfilment
) -> None:
    delivered = push(played, ScanCode.DELIVERED, hours=5)
    forged = RawRequest(
        method="POST", path=HERE, headers=delivered.headers, body=delivered.body + b" "
    )
    answer = send(client, forged)
    assert answer.status_code == 401
    assert WEBHOOK_SECRET not in answer.text
    assert send(client, delivered, path="/v1/webhooks/carriers/manual").status_code == 401
    unknown = send(client, delivered, path="/v1/webhooks/carriers/dhl")
    assert unknown.status_code == 404
    with transaction() as session:
        assert session.exec(select(ChannelMessage)).all() == []
    assert codes(part) == []


def test_a_parcel_that_is_not_ours_is_ignored(
    client: TestClient, played: Played, shop: Shop
) -> None:
    answer = send(client, push(played, ScanCode.DELIVERED, hours=5))
    assert answer.json()["status"] == "ignored"
    assert the_message().outcome == "no parcel of ours"


def test_what_cannot_be_read_is_parked_and_replayed_when_it_is_mended(
    api: Api, client: TestClient, played: Played, part: Fulfilment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_ENVIRONMENT", "production")  # which takes no test events
    settings.cache_clear()
    carriage.registry.cache_clear()
    answer = send(client, push(played, ScanCode.DELIVERED, hours=5))
    assert (answer.status_code, answer.json()["status"]) == (200, "parked")
    message = the_message()
    with transaction() as session:
        [case] = session.exec(select(OpenException)).all()
        assert case.detail.startswith("carrier:easypost parcel ?: an event of EasyPost's test mode")
    monkeypatch.setenv("TRIBUTARY_ENVIRONMENT", "development")
    settings.cache_clear()
    carriage.registry.cache_clear()
    with transaction() as session:
        replayed = carrier_news.replay(session, message.id, actor="olga")
        assert replayed.status is MessageStatus.APPLIED
        assert replayed.outcome == "2 new scan(s); replayed by olga"
    assert codes(part) == ["label_created", "delivered"]
