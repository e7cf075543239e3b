"""Where a postcode lies, as well as it is known."""

import pytest
from sqlmodel import Session

from oms.errors import NotFound
from oms.locations import geography, queries
from oms.locations.models import Postcode
from tests.builders import a_store


@pytest.fixture
def postcodes(session: Session) -> None:
    session.add_all(
        [
            Postcode(country="US", postcode="94103", latitude=37.0, longitude=-122.0),
            Postcode(country="US", postcode="94105", latitude=38.0, longitude=-123.0),
            Postcode(country="NL", postcode="94103", latitude=52.0, longitude=5.0),
        ]
    )
    session.flush()


@pytest.mark.usefixtures("postcodes")
@pytest.mark.parametrize(
    ("country", "postcode", "where"),
    [
        ("US", "94103", (37.0, -122.0)),
        ("US", " 94103-1234 ", (37.0, -122.0)),
        ("NL", "94103", (52.0, 5.0)),
        ("US", "94199", (37.5, -122.5)),
        ("NL", "94199", (52.0, 5.0)),
        ("US", "10001", None),
        ("DE", "94103", None),
        ("US", "", None),
    ],
)
def test_a_postcode_is_found_exactly_or_by_its_area_or_not(
    session: Session, country: str, postcode: str, where: tuple[float, float] | None
) -> None:
    assert geography.locate(session, country=country, postcode=postcode) == where


def test_a_location_is_found_by_its_code(session: Session) -> None:
    store = a_store(session, "S01")
    assert queries.by_code(session, "S01").id == store.id
    with pytest.raises(NotFound, match="there is no location 's01'") as unknown:
        queries.by_code(session, "s01")
    assert unknown.value.field == "location"
    assert unknown.value.remedy


def test_a_location_out_of_use_takes_no_part(session: Session) -> None:
    a_store(session, "S02")
    a_store(session, "S01")
    a_store(session, "S03").active = False
    session.flush()
    assert [place.code for place in queries.active(session)] == ["S01", "S02"]
