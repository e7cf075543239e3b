"""What whoever looks after a store asks and is told."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.base import In, Out
from api.schemas.orders import Name, Text
from oms.exceptions.models import ExceptionKind
from oms.locations.opening import Span
from oms.locations.pausing import Work

DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Badge = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^\x00:/\s]+$")]
Pin = Annotated[str, Field(min_length=4, max_length=12, pattern=r"^[0-9]+$")]


class PauseIn(In):
    """Take no more of this work from now on; without an end, until it is resumed."""

    work: Work = Field(examples=["pickup"])
    because: Name = Field(examples=["the till is down"])
    until: AwareDatetime | None = Field(None, examples=["2026-12-01T18:00:00Z"])


class PauseOut(Out):
    """A pause that is on."""

    work: Work
    because: str
    until: datetime | None


class EmptyIn(In):
    """Nothing more is to be said."""


class SpanIn(In):
    """One span of opening, on the store's own clock."""

    opens: time = Field(examples=["08:00"])
    closes: time = Field(examples=["20:00"])

    def plain(self) -> Span:
        """The span without names."""
        return self.opens, self.closes


class WeekIn(In):
    """The whole week: a day that is left out stays closed."""

    week: dict[DayName, Annotated[list[SpanIn], Field(max_length=4)]] = Field(
        examples=[{"mon": [{"opens": "08:00", "closes": "20:00"}]}]
    )


class ClosureIn(In):
    """Why the store stays closed that day."""

    reason: Text = Field("", examples=["stocktaking"])


class ClosureOut(Out):
    """A day on which the store stays closed."""

    day: date
    reason: str


class MovedOut(Out):
    """What a change of hours moved: pickups that wait longer, and that are promised for later."""

    wait_longer: int
    promised_later: int


class HoursOut(Out):
    """The store's week on its own clock, and the closures to come."""

    time_zone: str
    week: dict[str, list[SpanIn]]
    closures: list[ClosureOut]


class PersonIn(In):
    """Somebody who is to work in the store. The PIN is kept as a hash and never shown."""

    badge: Badge = Field(examples=["17"])
    name: Name = Field(examples=["A. Silva"])
    pin: Pin = Field(examples=["90210"])
    manages: bool = Field(False, description="Whether they look after the store as well.")


class PinIn(In):
    """Another PIN for somebody."""

    pin: Pin = Field(examples=["90210"])


class PersonOut(Out):
    """Somebody who works in the store."""

    badge: str
    name: str
    manages: bool
    active: bool
    locked_until: datetime | None


class DeviceIn(In):
    """A handheld or tablet that is to be tied to the store."""

    name: Name = Field(examples=["Counter tablet"])


class DeviceOut(Out):
    """A device in use."""

    id: UUID
    name: str
    enrolled_at: datetime


class EnrolledOut(DeviceOut):
    """A device that was enrolled. A repetition of the command does not show its token again."""

    token: str | None = None
    enrol_at: str | None = Field(None, description="Open this address on the device, once.")


class HealthOut(Out):
    """Work of one kind that is not done yet."""

    open: int
    oldest_due_at: datetime | None
    late: int
    within_15_min: int
    within_60_min: int


class PutBackOut(Out):
    """Goods that are to go back to where they are sold."""

    pickup_id: UUID
    order_number: str
    shelf: str
    since: datetime
    declined: bool


class CountOut(Out):
    """An article that somebody should count."""

    sku: str
    reason: str
    asked_at: datetime


class CaseOut(Out):
    """An open case of an order of this store."""

    id: UUID
    kind: ExceptionKind
    order_id: UUID | None
    detail: str
    remedy: str
    opened_at: datetime


class OverviewOut(Out):
    """The store as it stands now."""

    pickups: HealthOut
    shipments: HealthOut
    given_today: int
    capacity: int | None
    pauses: list[PauseOut]
    put_backs: list[PutBackOut]
    counts: list[CountOut]
    cases: list[CaseOut]
