"""An order as its customer sees it, for the shop's own app."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.base import In, Out
from api.schemas.orders import AddressIn
from oms.fulfilments.arrival_models import Verdict
from oms.fulfilments.models import FulfilmentStatus, ParcelStatus
from oms.orders.models import Delivery, OrderStatus
from oms.selfservice.showing import Shown

Version = Annotated[int, Field(gt=0)]


class LinkOut(Out):
    """The customer's link; the same at every call."""

    url: str
    token: str


class TrackedLineOut(Out):
    """An article, and what became of its units."""

    id: UUID
    title: str
    ordered: int
    cancelled: int
    arrived: int
    may_cancel: int


class TrackedParcelOut(Out):
    """A parcel on its way."""

    carrier: str
    number: str
    url: str
    status: ParcelStatus


class TrackedPartOut(Out):
    """What comes together."""

    kind: Delivery
    status: FulfilmentStatus
    parcels: list[TrackedParcelOut]
    counter: str
    """The token of `/v1/collect/{token}`; empty if there is nothing to collect."""
    ready: bool
    pick_up_by: datetime | None


class TrackedEventOut(Out):
    """Something that happened, the newest first."""

    at: datetime
    what: str


class CollectorOut(Out):
    """Somebody who may collect."""

    id: UUID
    name: str


class TrackedOut(Out):
    """All that the customer's page shows."""

    order_number: str
    version: int
    status: OrderStatus
    delivery: Delivery
    store: str | None
    placed_at: datetime
    promise_by: datetime
    late: bool
    expected: datetime | None
    lines: list[TrackedLineOut]
    parts: list[TrackedPartOut]
    events: list[TrackedEventOut]
    collectors: list[CollectorOut]
    may_move: bool
    may_answer: bool
    answered: Verdict | None


class StoreOfferOut(Out):
    """Another store that has all of it."""

    location: str
    name: str
    miles: float
    ready_by: datetime


class DateOfferOut(Out):
    """A date on which all of it would be there."""

    arrives_on: date
    promise_by: datetime


class OffersOut(Out):
    """Other ways for the order, as of now; nothing is held for them."""

    stores: list[StoreOfferOut]
    dates: list[DateOfferOut]


class MoveToStoreIn(In):
    """Collect it at another store."""

    version: Version
    store: Annotated[str, Field(min_length=1, max_length=40)]


class MoveToAddressIn(In):
    """Have it delivered, on a date that is offered."""

    version: Version
    arrives_on: date
    address: AddressIn


class UnitsIn(In):
    """Units of a line to cancel."""

    line_id: UUID
    units: Annotated[int, Field(gt=0, le=100_000)]


class TrimIn(In):
    """What to cancel."""

    version: Version
    lines: Annotated[list[UnitsIn], Field(min_length=1, max_length=500)]


class CollectorIn(In):
    """Who else may collect."""

    name: Annotated[str, Field(min_length=1, max_length=80)]


class ArrivedIn(In):
    """Whether everything arrived well."""

    verdict: Verdict
    note: Annotated[str, Field(max_length=500)] = ""


def out(shown: Shown) -> TrackedOut:
    """The order as JSON."""
    return TrackedOut(
        order_number=shown.order_number,
        version=shown.version,
        status=shown.status,
        delivery=shown.delivery,
        store=shown.store.name if shown.store else None,
        placed_at=shown.placed_at,
        promise_by=shown.promise_by,
        late=shown.late,
        expected=shown.expected,
        lines=[TrackedLineOut.model_validate(line) for line in shown.lines],
        parts=[TrackedPartOut.model_validate(part) for part in shown.parts],
        events=[TrackedEventOut.model_validate(event) for event in shown.events],
        collectors=[CollectorOut(id=id_, name=name) for id_, name in shown.collectors],
        may_move=shown.may_move,
        may_answer=shown.may_answer,
        answered=shown.answered,
    )
