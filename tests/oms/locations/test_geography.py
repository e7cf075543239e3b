"""Where a postcode lies, as well as it is known."""

import pytest
from sqlmodel import Session

from oms.errors import NotFound
from oms.locations import geography, queries
from oms.locations.geography import Found
from oms.locations.models import Postcode
from tests.builders import a_store


@pytest.fixture
def postcodes(session: Session) -> None:
    session.add_all(
        [
            Postcode(country="US", postcode="94103", latitude=37.0, longitude=-122.0),
            Postcode(country="US", postcode="94105", latitude=38.0, longitude=-123.0),
            Postcode(country="NL", postcode="94103", latitude=52.0, longitude=5.0),
            Postcode(country="GB", postcode="SW1A1AA", latitude=51.5, longitude=-0.14),
        ]
    )
    session.flush()


@pytest.mark.usefixtures("postcodes")
@pytest.mark.parametrize(
    ("country", "postcode", "found"),
    [
        ("US", "94103", (37.0, -122.0, None)),
        ("US", " 94103-1234 ", (37.0, -122.0, None)),
        ("NL", "94 103", (52.0, 5.0, None)),
        ("US", "94109", (37.5, -122.5, "9410")),
        ("US", "94199", (37.5, -122.5, "941")),
        ("US", "9410", (37.5, -122.5, "9410")),
        ("NL", "94199", (52.0, 5.0, "941")),
        ("GB", "sw1a 1aa", (51.5, -0.14, None)),
        ("GB", "SW1A 2BB", (51.5, -0.14, "SW1A")),
        ("GB", "SW9 9ZZ", (51.5, -0.14, "SW")),
        ("GB", "S1 1AA", None),
        ("US", "10001", None),
        ("DE", "94103", None),
        ("US", "", None),
        ("US", "--", None),
    ],
)
def test_a_postcode_is_found_exactly_or_by_its_longest_known_beginning_or_not(
    session: Session, country: str, postcode: str, found: tuple[float, float, str | None] | None
) -> None:
    there = geography.find(session, country=country, postcode=postcode)
    assert there == (None if found is None else Found(*found))


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
