"""Fill a database with the demo's network, its people and its keys."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from api.demo.credentials import BADGE, OPERATOR, write_credentials
from api.demo.keeping import Secrets, kept
from api.demo.network import network
from oms.access import providing
from oms.access.models import Scope
from oms.audit.models import AuditRow
from oms.audit.recording import record
from oms.db import transaction
from oms.fulfilments import boxes
from oms.ids import new_id
from oms.locations import entering as locations
from oms.network import loading
from oms.network.schema import NetworkFile
from oms.settings import settings

ACTOR: Final = "demo"
_SUBJECT, _SEEDED = "network", "demo.seeded"
_NAMES: Final = (
    "Alex", "Billie", "Casey", "Drew", "Emery", "Frankie", "Gray", "Harper", "Indigo", "Jules",
    "Kai", "Logan", "Morgan", "Nico", "Oakley", "Parker", "Quinn", "Riley", "Sasha", "Taylor",
)  # fmt: skip

_MEASURES: Final = ("code", "length_mm", "width_mm", "height_mm", "tare_g", "max_weight_g")
_BOXES: Final = (
    ("BOX-S", 230, 160, 120, 90, 5_000),
    ("BOX-M", 350, 250, 180, 190, 12_000),
    ("BOX-L", 500, 400, 300, 420, 25_000),
    ("TUBE", 900, 110, 110, 160, 5_000),
)


def seed(data_dir: Path, *, shared: Path | None = None) -> None:
    """Load the demo in one transaction and write down how to come in.

    Repeating it changes nothing and takes little time. Access is made to agree with the secrets
    in the data folder, so that they stay the same when the database is a new one.
    """
    whole = network(shared=shared)
    secrets = kept(data_dir, places=[place.code for place in whole.locations])
    digest = _digest(whole, secrets)
    with transaction() as session:
        if _latest_digest(session) != digest:
            loading.load(session, whole, actor=ACTOR)
            _provide(session, whole, secrets)
            record(
                session,
                action=_SEEDED,
                subject_type=_SUBJECT,
                subject_id=new_id(),
                actor=ACTOR,
                facts={"digest": digest},
            )
    write_credentials(data_dir, secrets=secrets, network=whole, web_url=settings().public_url)


def _digest(whole: NetworkFile, secrets: Secrets) -> str:
    """What was seeded, in short; the secrets in it cannot be read back from it."""
    content = whole.model_dump_json() + secrets.model_dump_json() + repr(_BOXES)
    return hashlib.sha256(content.encode()).hexdigest()


def _latest_digest(session: Session) -> str | None:
    row = session.exec(
        select(AuditRow)
        .where(AuditRow.subject_type == _SUBJECT, AuditRow.action == _SEEDED)
        .order_by(col(AuditRow.id).desc())
        .limit(1)
    ).first()
    return row.facts.get("digest") if row else None


def _provide(session: Session, whole: NetworkFile, secrets: Secrets) -> None:
    providing.provide_operator(session, login=OPERATOR, password=secrets.operator_password)
    providing.provide_key(
        session,
        name="demo-till",
        scopes=[Scope.ORDERS_WRITE, Scope.ORDERS_READ, Scope.STOCK_WRITE, Scope.STOCK_READ],
        key=secrets.api_key,
    )
    providing.provide_key(
        session,
        name="demo-associates",
        scopes=[Scope.STORE_WORK],
        key=secrets.store_work_key,
    )
    ids = locations.ids(session, [place.code for place in whole.locations])
    rows = [
        {"location_id": ids[place.code], "stock": None, **dict(zip(_MEASURES, box, strict=True))}
        for place in whole.locations
        for box in _BOXES
    ]
    boxes.enter_boxes(session, rows)
    for number, place in enumerate(whole.locations):
        _let_in(session, ids, secrets, code=place.code, name=_NAMES[number % len(_NAMES)])


def _let_in(
    session: Session, ids: Mapping[str, UUID], secrets: Secrets, *, code: str, name: str
) -> None:
    """One device and one person of a location, who looks after it as well."""
    mine = secrets.places[code]
    providing.provide_device(
        session, location_id=ids[code], name="Demo tablet", token=mine.device_token
    )
    providing.provide_associate(
        session, location_id=ids[code], badge=BADGE, name=name, pin=mine.pin, manages=True
    )
