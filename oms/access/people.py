"""The names behind the actors of the audit trail."""

from collections.abc import Collection

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from oms.access.models import Associate
from oms.locations.models import Location


def names(session: Session, actors: Collection[str]) -> dict[str, str]:
    """A name for people to read, for each actor; associates by their own name."""
    badges = {
        (parts[1], parts[2]): actor
        for actor in actors
        if len(parts := actor.split(":", 2)) == 3 and parts[0] == "associate"
    }
    known = {}
    if badges:
        rows = session.exec(
            select(Location.code, Associate.badge, Associate.name)
            .join(Location, col(Location.id) == Associate.location_id)
            .where(tuple_(col(Location.code), col(Associate.badge)).in_(list(badges)))
        ).all()
        known = {badges[code, badge]: name for code, badge, name in rows}
    return {actor: known.get(actor) or _plain(actor) for actor in actors}


def _plain(actor: str) -> str:
    """The best that can be said of an actor who is no associate."""
    kind, _, rest = actor.partition(":")
    match kind:
        case "system":
            return "Tributary"
        case "channel" | "carrier":
            return f"{rest} ({kind})"
        case "service":
            return f"{rest} (program)"
        case "operator":
            return f"{rest} (operations)"
        case _:
            return actor
