"""What a customer says of goods that were delivered."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum


class Verdict(StrEnum):
    """Whether everything arrived well."""

    WELL = "well"
    MISSING = "missing"
    DAMAGED = "damaged"


class ArrivalAnswer(SQLModel, table=True):
    """The customer's answer to "did everything arrive well?", given once."""

    __tablename__ = "arrival_answers"

    order_id: UUID = Field(foreign_key="orders.id", primary_key=True)
    verdict: Verdict = Field(sa_type=text_enum(Verdict))
    note: str = Field(default="", max_length=500)
    at: datetime = Field(sa_type=UTC_TIME)
