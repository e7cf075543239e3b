"""Carriers from settings and secret files, chosen, bought from and asked for their money back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from api.carrier_sandbox.config import PlayedCarrier
from api.carrier_sandbox.faults import CarrierFault, CarrierFaults
from api.carrier_sandbox.playing import Played
from api.sandbox.app import Options, app, state_for
from api.sandbox.config import SandboxConfig
from api.sandbox.faults import FaultMode
from carriers.base import ScanCode, VoidState
from oms import clock
from oms.audit.models import AuditRow
from oms.catalogue.models import Product
from oms.connections import MissingSetting
from oms.customers.models import Address
from oms.db import transaction
from oms.errors import Invalid
from oms.exceptions.models import ExceptionKind, OpenException
from oms.fulfilments import handing_over, packing, parcels
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Parcel, ParcelStatus
from oms.ordering import cancelling
from oms.orders import queries as orders
from oms.settings import settings
from tests.builders import an_order
from tests.carriers.builders import Clock
from tests.carriers.standins import API_KEY, WEBHOOK_SECRET
from tests.oms.shop import a_shop, fill, packed, routed
from tests.sandbox.running import serving
from workflows import carriage, views
from workflows.activities import shipping
from workflows.messages import Step

KEYS: dict[str, dict[str, Any]] = {
    "easypost": {"kind": "easypost", "api_key": "EZAKx"},
    "sendcloud": {"kind": "sendcloud", "public_key": "p", "secret_key": "s"},
    "ups": {"kind": "ups", "client_id": "i", "client_secret": "s", "account": "A1B2C3"},
}


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    yield
    settings.cache_clear()
    carriage.registry.cache_clear()
    carriage.sheets.cache_clear()


def configured(monkeypatch: pytest.MonkeyPatch, carriers: dict[str, Any], **more: str) -> None:
    monkeypatch.setenv("TRIBUTARY_CARRIERS", json.dumps(carriers))
    for name, value in more.items():
        monkeypatch.setenv(f"TRIBUTARY_{name.upper()}", value)
    settings.cache_clear()
    carriage.registry.cache_clear()
    carriage.sheets.cache_clear()


def test_every_kind_of_carrier_is_made_from_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, KEYS, compare_carriers='["ups", "manual"]')
    assert carriage.registry().codes == ("easypost", "manual", "sendcloud", "simulated", "ups")
    assert [one.code for one in carriage.compared()] == ["ups", "manual"]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("easypost", "api_key"),
        ("sendcloud", "public_key"),
        ("sendcloud", "secret_key"),
        ("ups", "client_id"),
        ("ups", "client_secret"),
        ("ups", "account"),
    ],
)
def test_a_missing_credential_names_its_setting_and_its_file(
    monkeypatch: pytest.MonkeyPatch, code: str, name: str
) -> None:
    configured(
        monkeypatch,
        {code: {key: value for key, value in KEYS[code].items() if key != name}},
    )
    with pytest.raises(MissingSetting) as lacking:
        carriage.registry()
    assert lacking.value.field == f"carriers.{code}.{name}"
    assert f"carriers.{code}.{name}_file" in (lacking.value.remedy or "")


def test_credentials_come_from_secret_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "key"
    secret.write_text("EZAKfile\n")
    given = {"kind": "easypost", "api_key_file": str(secret), "webhook_secret_files": [str(secret)]}
    configured(monkeypatch, {"easypost": given})
    assert settings().carriers["easypost"].secret("api_key", carrier="easypost") == "EZAKfile"
    assert settings().carriers["easypost"].webhook_keys(carrier="easypost") == ("EZAKfile",)
    assert "EZAKfile" not in repr(settings())
    assert "easypost" in carriage.registry().codes
    secret.write_text(" \n")
    carriage.registry.cache_clear()
    with pytest.raises(MissingSetting, match=r"carriers\.easypost.*is empty"):
        carriage.registry()
    secret.unlink()
    with pytest.raises(MissingSetting, match="cannot be read: FileNotFoundError"):
        carriage.registry()


def test_credentials_do_not_leave_the_machine_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    far = KEYS["easypost"] | {"base_url": "http://easypost.example"}
    configured(monkeypatch, {"easypost": far})
    with pytest.raises(Invalid, match="must begin with https://") as refusal:
        carriage.registry()
    assert refusal.value.field == "carriers.easypost"
    configured(monkeypatch, {"easypost": far | {"base_url": "http://127.0.0.1:9"}})
    assert "easypost" in carriage.registry().codes


def test_a_wrong_rate_sheet_names_its_setting_and_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "service,from_country,to_country,up_to_g,amount_minor,currency,days\na,*,*,x,1,USD,1\n"
    )
    given = KEYS["sendcloud"] | {"rate_sheet": str(sheet)}
    configured(monkeypatch, {"sendcloud": given})
    with pytest.raises(Invalid, match=r"carriers\.sendcloud\.rate_sheet: line 2: up_to_g 'x'"):
        carriage.sheets()


@dataclass
class Desk:
    """EasyPost's stand-in over HTTP, and the settings that lead to it."""

    played: Played
    carriers: dict[str, Any]
    monkeypatch: pytest.MonkeyPatch

    def compare(self, *codes: str) -> None:
        """Let these carriers take part in the choice from now on."""
        configured(self.monkeypatch, self.carriers, compare_carriers=json.dumps(codes))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """EasyPost alone takes part; the manual carrier could."""
    carrier = PlayedCarrier(
        kind="easypost", user=API_KEY, webhook_secret=WEBHOOK_SECRET, void_takes_s=3600
    )
    config = SandboxConfig(oms_url="", carriers={"easypost": carrier})
    state = state_for(Options(config=config, port=0))
    played = state.carriers["easypost"]
    played.sales.clock = Clock(datetime.now(UTC))
    played.faults = CarrierFaults(sleep=lambda _: None)
    with serving(app(state)) as url:
        reach = {"kind": "easypost", "api_key": API_KEY, "base_url": f"{url}/carriers/easypost"}
        made = Desk(played, {"easypost": reach}, monkeypatch)
        made.compare("easypost")
        yield made


@pytest.fixture
def step(live_database: str) -> Step:
    """A packed shipment of one parcel."""
    with transaction() as session:
        fill(session, a_shop(session))
        [part] = routed(session, an_order(session, {"MUG": 2}))
        packed(session, part)
        return Step(str(part.id), version=part.version, at=clock.now())


def the_parcel(step: Step) -> Parcel:
    with transaction() as session:
        [parcel] = fulfilments.parcels(session, UUID(step.id))
        session.expunge(parcel)
        return parcel


def cancelled(step: Step) -> None:
    with transaction() as session:
        part = fulfilments.locked(session, UUID(step.id))
        order = orders.locked(session, part.order_id)
        cancelling.cancel(session, order.id, actor="olga", reason="changed their mind")


def test_the_choice_is_kept_with_its_reason_before_the_label(desk: Desk, step: Step) -> None:
    shipping.buy_labels(step)
    parcel = the_parcel(step)
    assert (parcel.status, parcel.carrier) == (ParcelStatus.LABELLED, "easypost")
    assert parcel.service == "USPS/GroundAdvantage"
    with transaction() as session:
        [row] = session.exec(
            select(AuditRow).where(AuditRow.action == "parcel.carrier_chosen")
        ).all()
        facts = row.facts
    assert facts["chosen"]["amount_minor"] == parcel.cost_minor
    assert facts["why"].startswith("the cheapest: ")
    assert len(facts["others"]) == 3


def test_a_lost_answer_does_not_buy_elsewhere(desk: Desk, step: Step) -> None:
    fault = CarrierFault(mode=FaultMode.TIMEOUT_AFTER_SUCCESS, path="/buy")
    desk.played.faults.active.append(fault)
    with pytest.raises(ApplicationError, match="answered 504") as lost:
        shipping.buy_labels(step)
    assert not lost.value.non_retryable
    desk.compare("manual")  # which would win now
    shipping.buy_labels(step)
    parcel = the_parcel(step)
    [sale] = desk.played.sales.sold()
    assert (parcel.carrier, parcel.tracking_number) == ("easypost", sale.number)


def test_a_label_whose_purchase_was_not_heard_of_is_given_back_all_the_same(
    desk: Desk, step: Step
) -> None:
    fault = CarrierFault(mode=FaultMode.TIMEOUT_AFTER_SUCCESS, path="/buy")
    desk.played.faults.active.append(fault)
    with pytest.raises(ApplicationError):
        shipping.buy_labels(step)
    cancelled(step)
    assert (the_parcel(step).void_owed, the_parcel(step).tracking_number) == (True, None)
    shipping.void_labels(step)
    [sale] = desk.played.sales.sold()
    assert desk.played.sales.void_state(sale) is VoidState.PENDING


def test_a_carrier_that_no_longer_takes_the_parcel_is_not_kept(desk: Desk, step: Step) -> None:
    fault = CarrierFault(mode=FaultMode.FAIL, path="/buy")
    desk.played.faults.active.append(fault)
    with pytest.raises(ApplicationError):
        shipping.buy_labels(step)
    assert the_parcel(step).carrier == "easypost"
    refuse = CarrierFault(mode=FaultMode.REFUSE, path="/beta/rates", times=1)
    desk.played.faults.active.append(refuse)
    desk.compare("manual")
    shipping.buy_labels(step)
    assert the_parcel(step).carrier == "manual"
    assert desk.played.sales.sold() == []


def test_a_refused_purchase_is_chosen_anew(desk: Desk, step: Step) -> None:
    desk.played.faults.active.append(CarrierFault(mode=FaultMode.REFUSE, path="/buy"))
    with pytest.raises(ApplicationError, match="was told to refuse") as refused:
        shipping.buy_labels(step)
    assert refused.value.non_retryable
    assert the_parcel(step).carrier is None
    desk.compare("manual")
    shipping.buy_labels(step)
    assert the_parcel(step).carrier == "manual"


def test_a_void_that_stays_pending_is_asked_about_until_it_is_granted(
    desk: Desk, step: Step
) -> None:
    shipping.buy_labels(step)
    cancelled(step)
    shipping.void_labels(step)
    parcel = the_parcel(step)
    assert (parcel.void_owed, parcel.void_asked_at is not None) == (True, True)
    with transaction() as session:
        view = views.shipment(session, UUID(step.id))
        assert (view.closed, view.owed, view.at_deadline) == (False, [], "void_labels")
        assert parcels.to_void(session, UUID(step.id)) == []
    sold_at = desk.played.sales.clock
    assert isinstance(sold_at, Clock)
    sold_at.forward(timedelta(minutes=50))
    later = clock.now() + timedelta(hours=7)
    sold_at.forward(timedelta(minutes=15))
    shipping.void_labels(Step(step.id, version=step.version, at=later))
    assert not the_parcel(step).void_owed
    with transaction() as session:
        assert views.shipment(session, UUID(step.id)).closed


def test_a_refused_void_becomes_a_case(desk: Desk, step: Step) -> None:
    shipping.buy_labels(step)
    number = the_parcel(step).tracking_number
    assert number is not None
    desk.played.sales.happen(number, ScanCode.ACCEPTED)
    cancelled(step)
    shipping.void_labels(step)
    assert not the_parcel(step).void_owed
    with transaction() as session:
        [case] = session.exec(select(OpenException)).all()
        assert case.kind is ExceptionKind.CARRIER_FAILED
        assert f"easypost does not take label {number} back" in case.detail


def test_a_parcel_that_its_carrier_has_not_seen_yet_has_no_news(desk: Desk, step: Step) -> None:
    shipping.buy_labels(step)
    with transaction() as session:
        handing_over.to_carrier(session, UUID(step.id), actor="anna")
    [sale] = desk.played.sales.sold()
    number, sale.number = sale.number, ""  # not in the carrier's books before its first scan
    assert shipping.track(step) == "0 new scan(s)"
    sale.number = number
    desk.played.sales.happen(number, ScanCode.DELIVERED)
    assert shipping.track(step) == "2 new scan(s)"
    assert the_parcel(step).status is ParcelStatus.DELIVERED
    with transaction() as session:
        assert session.exec(select(OpenException)).all() == []


def test_a_parcel_abroad_carries_what_customs_want(desk: Desk, step: Step) -> None:
    with transaction() as session:
        for address in session.exec(select(Address)):
            address.country, address.postcode = "GB", "SW1A 1AA"
    with pytest.raises(ApplicationError, match=r"customs\.0\.hs_code: MUG: tariff number ''"):
        shipping.buy_labels(step)
    with transaction() as session:
        mug = session.get_one(Product, "MUG")
        mug.hs_code, mug.origin_country = "691200", "PT"
    shipping.buy_labels(step)
    [sale] = desk.played.sales.sold()
    [item] = sale.request["customs_info"]["customs_items"]
    assert (item["hs_tariff_number"], item["origin_country"], item["quantity"]) == (
        "691200",
        "PT",
        2,
    )


def test_a_chosen_carrier_is_forgotten_only_without_a_label(desk: Desk, step: Step) -> None:
    shipping.buy_labels(step)
    with transaction() as session:
        packing.forget_carrier(session, the_parcel(step).id)
    assert the_parcel(step).carrier == "easypost"
