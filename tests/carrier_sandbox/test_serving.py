"""The stand-ins over HTTP: bought from, controlled, remembered, and pushing what happens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from api.carrier_sandbox.config import PlayedCarrier
from api.sandbox.app import Options, app, state_for
from api.sandbox.config import SandboxConfig
from carriers.base import Carrier, Label, LabelFormat, RawRequest, Scan, ScanCode, TrackingRef
from tests.carriers.builders import a_shipment
from tests.carriers.standins import (
    ACCOUNT,
    API_KEY,
    BEARER,
    CLIENT_ID,
    CLIENT_SECRET,
    KINDS,
    PUBLIC_KEY,
    SECRET_KEY,
    WEBHOOK_SECRET,
    a_stand_in,
    an_adapter,
)
from tests.sandbox.running import serving, wait_until

PLAYED = {
    "easypost": PlayedCarrier(kind="easypost", user=API_KEY, webhook_secret=WEBHOOK_SECRET),
    "sendcloud": PlayedCarrier(
        kind="sendcloud", user=PUBLIC_KEY, password=SECRET_KEY, webhook_secret=WEBHOOK_SECRET
    ),
    "ups": PlayedCarrier(
        kind="ups",
        user=CLIENT_ID,
        password=CLIENT_SECRET,
        account=ACCOUNT,
        webhook_secret=BEARER,
    ),
}
BASES = {"easypost": "", "sendcloud": "/api/v3", "ups": ""}


def reach(url: str, kind: str) -> Carrier:
    """The adapter over a real connection."""
    base = f"{url}/carriers/{kind}{BASES[kind]}"
    return an_adapter(a_stand_in(kind), transport=httpx2.HTTPTransport(), base_url=base)


def bought(carrier: Carrier) -> Label:
    return carrier.buy(a_shipment(), carrier.rate(a_shipment())[0], LabelFormat.PDF, "key")


class Desk:
    """Takes pushes and reads them as the adapters do; refuses the first of each carrier."""

    def __init__(self) -> None:
        self.scans: dict[str, list[Scan]] = {kind: [] for kind in KINDS}
        self.refused: set[str] = set()

    def application(self) -> FastAPI:
        made = FastAPI()

        @made.post("/v1/webhooks/carriers/{code}")
        async def take(code: str, request: Request) -> Response:
            if code not in self.refused:
                self.refused.add(code)
                return JSONResponse({}, 503)
            headers = tuple(request.headers.items())
            raw = RawRequest(method="POST", path="/", headers=headers, body=await request.body())
            adapter = an_adapter(a_stand_in(code))
            if not adapter.verify(raw).ok:
                return JSONResponse({}, 401)
            self.scans[code] += adapter.scans(raw)
            return JSONResponse({}, 200)

        return made


@pytest.fixture(scope="module")
def desk_and_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str, Path]]:
    desk = Desk()
    folder = tmp_path_factory.mktemp("carriers")
    with serving(desk.application()) as desk_url:
        config = SandboxConfig(oms_url=desk_url, carriers=PLAYED)
        with serving(app(state_for(Options(config=config, port=0, data_dir=folder)))) as url:
            yield desk, url, folder


def control(url: str, method: str, path: str, **parts: Any) -> Any:
    answer = httpx2.request(method, f"{url}/control/carriers/{path}", **parts)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def test_a_stand_in_sells_and_pushes_over_http(desk_and_url: tuple[Desk, str, Path]) -> None:
    desk, url, folder = desk_and_url
    labels = {kind: bought(reach(url, kind)) for kind in KINDS}
    for kind, label in labels.items():
        assert label.documents[LabelFormat.PDF].startswith(b"%PDF-")
        control(
            url, "POST", f"{kind}/scans", json={"number": label.tracking_number, "code": "lost"}
        )
        [parcel] = control(url, "GET", f"{kind}/parcels")
        assert [one["code"] for one in parcel["events"]] == ["label_created", "lost"]
        assert "Basic" not in str(control(url, "GET", f"{kind}/traffic"))
    wait_until(lambda: all(len(desk.scans[kind]) >= 2 for kind in KINDS))
    assert {scan.code for scan in desk.scans["ups"]} == {ScanCode.LABEL_CREATED, ScanCode.LOST}
    again = state_for(
        Options(config=SandboxConfig(oms_url="", carriers=PLAYED), port=0, data_dir=folder)
    )
    for kind, label in labels.items():  # a restart forgets nothing
        [sale] = again.carriers[kind].sales.sold()
        assert (sale.number, sale.told[-1].code) == (label.tracking_number, ScanCode.LOST)
        number = TrackingRef(tracking_number=label.tracking_number)
        assert an_adapter(again.carriers[kind]).track(number)[-1].code is ScanCode.LOST


def test_faults_are_switched_on_and_off(desk_and_url: tuple[Desk, str, Path]) -> None:
    _, url, _ = desk_and_url
    control(url, "POST", "ups/faults", json={"mode": "refuse", "path": "/rating", "times": 5})
    with pytest.raises(Exception, match="was told to refuse"):
        reach(url, "ups").rate(a_shipment())
    control(url, "DELETE", "ups/faults")
    assert reach(url, "ups").rate(a_shipment())


def test_an_unknown_carrier_and_a_foreign_page_are_refused(
    desk_and_url: tuple[Desk, str, Path],
) -> None:
    _, url, _ = desk_and_url
    missing = httpx2.get(f"{url}/carriers/dhl/rates")
    assert (missing.status_code, "one of easypost, sendcloud, ups" in missing.text) == (404, True)
    foreign = {"Origin": "https://elsewhere.example.com"}
    assert httpx2.get(f"{url}/control/carriers/ups/parcels", headers=foreign).status_code == 403
