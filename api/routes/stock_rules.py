"""Rules that keep stock back: set, listed, ended."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlmodel import Session

from api.commanding import once
from api.deps import IdempotencyKey, ItemId, SessionDep, StockReader, StockWriter
from api.schemas.stock import EndRuleIn, RuleIn, RuleOut
from api.stockwork import require_products
from oms.access.models import CommandKind
from oms.inventory import rules
from oms.inventory.rule_models import StockRule
from oms.inventory.rules import Scope
from oms.locations import queries as locations

router = APIRouter(prefix="/v1/stock/rules", tags=["stock rules"])


@router.get("")
def read(
    session: SessionDep,
    _who: StockReader,
    sku: Annotated[str | None, Query(max_length=64)] = None,
    history: bool = False,
) -> list[RuleOut]:
    """The rules in force, newest first; with `history` every version there ever was."""
    codes = locations.codes(session)
    return [_out(row, codes) for row in rules.in_force(session, sku=sku, with_history=history)]


@router.post("", status_code=201)
def set_rule(body: RuleIn, session: SessionDep, who: StockWriter, key: IdempotencyKey) -> RuleOut:
    """Put a rule in force, once per idempotency key; one of the same kind and scope ends.

    An allotment holds its units from now on, whatever was left of the one before.
    """

    def carry_out() -> dict[str, Any]:
        if body.sku is not None:
            require_products(session, [body.sku])
        place = locations.by_code(session, body.location) if body.location is not None else None
        rule = rules.set_rule(
            session,
            body.kind,
            Scope(body.sku, body.category, place.id if place else None, body.channel),
            units=body.units,
            until=body.until,
            note=body.note,
            actor=who.actor,
        )
        return _document(session, rule)

    request = {"do": "set rule", **body.model_dump(mode="json")}
    return RuleOut.model_validate(once(session, CommandKind.STOCK, who, key, request, carry_out))


@router.post("/{rule_id}/end")
def end_rule(
    rule_id: ItemId, body: EndRuleIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> RuleOut:
    """Take a rule out of force; what it kept back may be promised at once."""

    def carry_out() -> dict[str, Any]:
        rule = rules.end_rule(session, rule_id, actor=who.actor, because=body.because)
        return _document(session, rule)

    request = {"do": "end rule", "rule": str(rule_id), **body.model_dump()}
    return RuleOut.model_validate(once(session, CommandKind.STOCK, who, key, request, carry_out))


def _document(session: Session, rule: StockRule) -> dict[str, Any]:
    return _out(rule, locations.codes(session)).model_dump(mode="json")


def _out(row: StockRule, codes: Mapping[UUID, str]) -> RuleOut:
    location = codes[row.location_id] if row.location_id else None
    return RuleOut.model_validate(row.model_dump() | {"location": location})
