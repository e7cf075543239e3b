"""Hand-over at the car as the JSON API takes and gives it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.base import In, Out
from api.schemas.stores import SeenIn
from oms.pickup.arrivals import MOST_MINUTES
from oms.pickup.curbside_models import ArrivalStatus
from oms.pickup.models import PickupStatus

Said = Annotated[str, Field(max_length=60)]
BayLabel = Annotated[str, Field(min_length=1, max_length=12, examples=["3"])]


class CurbsideSetUp(In):
    """How a store receives customers at the car. Without slots they come when they like."""

    bays: list[BayLabel] = Field(default_factory=list, max_length=100, examples=[["1", "2", "3"]])
    slot_minutes: Annotated[int, Field(ge=5, le=480)] | None = Field(None, examples=[30])
    slot_capacity: Annotated[int, Field(ge=1, le=1_000)] | None = Field(None, examples=[4])


class OnMyWayIn(In):
    """The customer sets out."""

    minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)] = Field(examples=[15])


class HereIn(In):
    """The customer is at the store. The plate may be left out; it is erased after the visit."""

    bay: Said = Field("", examples=["3"])
    spot: Said = Field("", examples=["by the trolleys"])
    vehicle: Said = Field("", examples=["blue hatchback"])
    plate: Said = ""


class VisitSeenIn(SeenIn):
    """The version of the visit on which the command was decided."""


class ArrivalOut(Out):
    """A visit as a command leaves it. Says nothing of the car: answers of commands are kept."""

    arrival_id: UUID
    pickup_id: UUID
    status: ArrivalStatus
    version: int
    bay: str
    expected_at: datetime | None
    here_at: datetime | None
    waited_s: int
    escalated: int


class VisitOut(ArrivalOut):
    """A visit as the store's desk sees it now."""

    order_number: str
    customer_name: str
    pickup_status: PickupStatus
    shelf: str
    spot: str
    vehicle: str
    plate: str
    taken_by: str | None


class SlotOut(Out):
    """One slot of a store, and how many more may come in it."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    left: int


class SlotIn(In):
    """The beginning of a slot, as the store lists them."""

    starts_at: AwareDatetime = Field(examples=["2026-12-01T15:00:00Z"])


class BookedOut(Out):
    """The slot that an order has."""

    order_id: UUID
    starts_at: datetime
    ends_at: datetime


class ToCustomerOut(Out):
    """What the customer's page shows: where, until when, and how the visit stands."""

    order_number: str
    status: PickupStatus
    store: str
    at_the_car: bool
    pick_up_by: datetime | None
    visit: ArrivalStatus | None
    expected_at: datetime | None
    bay: str
    free_bays: tuple[str, ...]
    slot: SlotOut | None
    free_slots: tuple[SlotOut, ...]
