"""Enter many locations at once, with their hours and closed days, and the map of postcodes.

What is entered again and is the same changes nothing. A location that is left out stays as it is;
the hours and closed days of one that is entered become those given, no others.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.ids import new_id
from oms.locations.geography import plain_postcode
from oms.locations.models import ClosedDay, Location, OpeningHours, Postcode
from oms.upserting import Row, Upserted, upsert


def enter_locations(
    session: Session, locations: Sequence[Row], *, keep: Collection[str] = ()
) -> Upserted:
    """Enter locations, given by the columns of `Location` but `id` and `created_at`.

    The columns in `keep` are set for locations that are new and never changed.
    """
    return upsert(
        session,
        Location,
        [{**row, "id": new_id(), "created_at": clock.now()} for row in locations],
        key=("code",),
        keep=("id", "created_at", *keep),
    )


def ids(session: Session, codes: Collection[str]) -> Mapping[str, UUID]:
    """The id of each of these locations that exists."""
    return dict(
        session.exec(
            select(Location.code, Location.id).where(col(Location.code).in_(set(codes)))
        ).all()
    )


def set_hours(session: Session, at: Collection[UUID], hours: Sequence[Row]) -> int:
    """Make `hours` (columns of `OpeningHours`) the only ones of these locations.

    Returns how many spans are new, differ or are gone.
    """
    wanted = {(row["location_id"], row["weekday"], row["opens"]) for row in hours}
    gone = 0
    for span in session.exec(
        select(OpeningHours).where(col(OpeningHours.location_id).in_(set(at)))
    ):
        if (span.location_id, span.weekday, span.opens) not in wanted:
            session.delete(span)
            gone += 1
    session.flush()
    done = upsert(session, OpeningHours, hours, key=("location_id", "weekday", "opens"))
    return gone + done.added + done.changed


def set_closed_days(session: Session, at: Collection[UUID], days: Sequence[Row]) -> int:
    """Make `days` (columns of `ClosedDay`) the only closed days of these locations.

    Returns how many are new, differ or are gone.
    """
    wanted = {(row["location_id"], row["day"]) for row in days}
    gone = 0
    for closed in session.exec(select(ClosedDay).where(col(ClosedDay.location_id).in_(set(at)))):
        if (closed.location_id, closed.day) not in wanted:
            session.delete(closed)
            gone += 1
    session.flush()
    done = upsert(session, ClosedDay, days, key=("location_id", "day"))
    return gone + done.added + done.changed


def enter_postcodes(session: Session, postcodes: Sequence[Row]) -> Upserted:
    """Enter postcodes, given by the columns of `Postcode`; they may be written in any way."""
    plain = {}
    for row in postcodes:
        country, written = str(row["country"]), str(row["postcode"])
        postcode = plain_postcode(written, country=country)
        plain[country, postcode] = {**row, "postcode": postcode}
    return upsert(session, Postcode, list(plain.values()), key=("country", "postcode"))
