"""Enums are kept by value, and the database knows their members."""

from datetime import UTC
from enum import StrEnum

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

import oms.tables
from oms import clock
from oms.columns import text_enum
from oms.locations.models import Location, LocationKind
from tests.builders import a_store


class Colour(StrEnum):
    RED = "red"
    DARK_BLUE = "dark-blue"


def test_an_enum_is_a_text_column_of_its_values() -> None:
    column = text_enum(Colour)
    assert column.enums == ["red", "dark-blue"]
    assert column.native_enum is False
    assert column.length == 40


def test_an_enum_is_stored_by_value_and_read_as_a_member(session: Session) -> None:
    place = a_store(session)
    kept = session.execute(text("SELECT kind FROM locations")).scalar_one()
    assert kept == "store"
    session.expire(place)
    assert session.get_one(Location, place.id).kind is LocationKind.STORE


def test_the_database_refuses_a_value_that_is_no_member(session: Session) -> None:
    a_store(session)
    with pytest.raises((IntegrityError, DataError)), session.begin_nested():
        session.execute(text("UPDATE locations SET kind = 'castle'"))
    assert session.execute(text("SELECT kind FROM locations")).scalar_one() == "store"


def test_every_enum_column_has_a_named_check() -> None:
    tables = oms.tables.METADATA.tables.values()
    enums = [
        (table.name, column)
        for table in tables
        for column in table.columns
        if hasattr(column.type, "enums")
    ]
    assert len(enums) > 15
    for table, column in enums:
        assert column.type.name.endswith("_known"), (table, column.name)
        assert column.type.create_constraint, (table, column.name)
        longest = max(len(value) for value in column.type.enums)
        assert longest <= 40, (table, column.name)


def test_a_moment_comes_back_as_it_was_stored(session: Session) -> None:
    moment = clock.now()
    with clock.at(moment):
        place = a_store(session)
    session.expire(place)
    assert session.get_one(Location, place.id).created_at == moment
    assert (
        session.get_one(Location, place.id).created_at.utcoffset()
        == moment.astimezone(UTC).utcoffset()
    )
