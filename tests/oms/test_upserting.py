"""Many rows in one statement: new ones added, different ones changed, equal ones left alone."""

import pytest
from sqlalchemy.exc import DataError
from sqlmodel import Session, col, select

from oms.locations.models import Postcode
from oms.upserting import Row, Upserted, upsert

KEY = ("country", "postcode")


def a_row(postcode: str, latitude: float = 40.0, country: str = "US") -> Row:
    return {"country": country, "postcode": postcode, "latitude": latitude, "longitude": -70.0}


def test_rows_are_added_changed_and_left_alone(session: Session) -> None:
    first = upsert(session, Postcode, [a_row("2"), a_row("1"), a_row("3")], key=KEY)
    assert first == Upserted(added=3, changed=0)
    second = upsert(session, Postcode, [a_row("1"), a_row("2", 41.0), a_row("4")], key=KEY)
    assert second == Upserted(added=1, changed=1)
    rows = session.exec(select(Postcode).order_by(col(Postcode.postcode))).all()
    assert [(row.postcode, row.latitude) for row in rows] == [
        ("1", 40.0),
        ("2", 41.0),
        ("3", 40.0),
        ("4", 40.0),
    ]


def test_a_column_to_keep_is_set_once(session: Session) -> None:
    upsert(session, Postcode, [a_row("1")], key=KEY)
    done = upsert(session, Postcode, [a_row("1", 50.0)], key=KEY, keep=["latitude"])
    assert done == Upserted()
    assert session.exec(select(Postcode.latitude)).one() == 40.0


def test_nothing_to_write_is_nothing_written(session: Session) -> None:
    assert upsert(session, Postcode, [], key=KEY) == Upserted()


def test_a_text_that_is_too_long_is_refused_and_not_cut(session: Session) -> None:
    with pytest.raises(DataError, match="value too long"), session.begin_nested():
        upsert(session, Postcode, [a_row("1", country="USA")], key=KEY)
    assert session.exec(select(Postcode)).all() == []
