"""Column types that every table shares."""

from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, Enum
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

# Set before any table is declared: every model module imports this one first.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

UTC_TIME = DateTime(timezone=True)
"""Every moment is stored with its zone."""

MINOR = BigInteger
"""Money in minor units; 32 bits overflow at 21 million dollars, or 85,000 dollars in dong."""

JSON = JSONB(none_as_null=True)
"""Documents that are kept as they are and seldom searched."""


def text_enum(members: type[StrEnum]) -> Enum:
    """Store an enum by value as text with a CHECK, so that a new member is a small migration."""
    return Enum(
        members,
        native_enum=False,
        create_constraint=True,
        name=f"{members.__name__.lower()}_known",
        length=40,
        values_callable=lambda enum: [member.value for member in enum],
    )
