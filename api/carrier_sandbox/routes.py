"""The stand-ins over HTTP: each under `/carriers/{code}`, with controls for its parcels."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.carrier_sandbox.asking import Asked
from api.carrier_sandbox.faults import CarrierFault, Unanswered
from api.carrier_sandbox.playing import Exchange, Played
from api.carrier_sandbox.sales import Sale
from api.sandbox.control import from_here
from carriers.base import ScanCode
from oms.errors import NotFound

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class ScanIn(BaseModel):
    """Something that happens to a parcel."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(min_length=1)]
    code: ScanCode
    at: AwareDatetime | None = None


def router(carriers: Mapping[str, Played]) -> APIRouter:
    """All routes for the carriers that are played."""
    routes = APIRouter()

    @routes.api_route("/carriers/{code}/{path:path}", methods=_METHODS)
    async def ask(code: str, path: str, request: Request) -> Response:
        """What the carrier answers."""
        played = _of(carriers, code)
        asked = Asked(
            method=request.method,
            path=f"/{path}",
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=await request.body(),
            origin=f"{str(request.base_url).rstrip('/')}/carriers/{code}",
        )
        try:
            given = await run_in_threadpool(played.answer, asked)
        except Unanswered:
            return Response("the stand-in was told not to answer", 504)
        return Response(given.body, given.status, dict(given.headers), given.kind)

    routes.include_router(_controls(carriers))
    return routes


def _controls(carriers: Mapping[str, Played]) -> APIRouter:
    controls = APIRouter(prefix="/control/carriers", dependencies=[Depends(from_here)])

    @controls.get("/{code}/parcels")
    def parcels(code: str) -> list[dict[str, Any]]:
        """The labels that were sold, and where their parcels are."""
        played = _of(carriers, code)
        return [_parcel(played, sale) for sale in played.sales.sold()]

    @controls.post("/{code}/scans", status_code=201)
    def happen(code: str, body: ScanIn) -> dict[str, Any]:
        """Let something happen to a parcel; from then on it moves by word only."""
        played = _of(carriers, code)
        return _parcel(played, played.sales.happen(body.number, body.code, at=body.at))

    @controls.post("/{code}/faults", status_code=201)
    def misbehave(code: str, body: CarrierFault) -> CarrierFault:
        """Switch a fault on."""
        _of(carriers, code).faults.active.append(body)
        return body

    @controls.delete("/{code}/faults", status_code=204)
    def behave(code: str) -> None:
        """Switch all faults off."""
        _of(carriers, code).faults.active.clear()

    @controls.get("/{code}/traffic")
    def traffic(code: str) -> list[dict[str, Any]]:
        """What was asked and answered, newest last; without credentials."""
        return [_exchange(one) for one in list(_of(carriers, code).traffic)]

    return controls


def _of(carriers: Mapping[str, Played], code: str) -> Played:
    played = carriers.get(code)
    if played is None:
        known = ", ".join(sorted(carriers)) or "none"
        raise NotFound(
            f"no carrier {code!r} is played here", field="carrier", remedy=f"one of {known}"
        )
    return played


def _exchange(one: Exchange) -> dict[str, Any]:
    return {
        "at": _time(one.at),
        "method": one.asked.method,
        "path": one.asked.path,
        "query": dict(one.asked.query),
        "body": one.asked.body.decode("utf-8", "replace"),
        "status": one.status,
        "answer": one.answer[:4_000].decode("utf-8", "replace"),
    }


def _parcel(played: Played, sale: Sale) -> dict[str, Any]:
    void = played.sales.void_state(sale)
    return {
        "number": sale.number,
        "reference": sale.reference,
        "service": sale.service,
        "amount": sale.amount,
        "currency": sale.currency,
        "void": void.value if void else None,
        "events": [
            {"code": one.code.value, "at": _time(one.at)} for one in played.sales.events(sale)
        ],
    }


def _time(at: datetime) -> str:
    return at.isoformat()
