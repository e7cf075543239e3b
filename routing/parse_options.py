"""Read what only some problem files have: transfer lanes, windows of time and slots.

Part of `routing.parse`.
"""

from collections.abc import Collection, Mapping

from routing.problem import MOST_CENTS, MOST_DAYS, MOST_UNITS, Lane, Serves, Window
from routing.reading import ProblemFault, among, items, once, record, shown, text, whole


def parse_transfers(value: object, known: Collection[str]) -> tuple[Lane, ...]:
    """Return the transfer lanes; each pair of locations has one at most."""
    seen: set[tuple[str, str]] = set()
    lanes = []
    for at, row in enumerate(items(value, "transfers")):
        lane = _lane(row, f"transfers[{at}]", known)
        if lane.source == lane.to:
            raise ProblemFault(f"transfers[{at}].to", f"{shown(lane.to)} is where it comes from")
        if (lane.source, lane.to) in seen:
            raise ProblemFault(
                f"transfers[{at}]", f"{shown(lane.source)} to {shown(lane.to)} is there twice"
            )
        seen.add((lane.source, lane.to))
        lanes.append(lane)
    return tuple(lanes)


def _lane(value: object, field: str, known: Collection[str]) -> Lane:
    fields = record(value, field, required=("from", "to", "parcel_cents", "line_cents", "days"))
    return Lane(
        source=among(fields["from"], f"{field}.from", known),
        to=among(fields["to"], f"{field}.to", known),
        parcel_cents=whole(
            fields["parcel_cents"], f"{field}.parcel_cents", least=0, most=MOST_CENTS
        ),
        line_cents=whole(fields["line_cents"], f"{field}.line_cents", least=0, most=MOST_CENTS),
        days=whole(fields["days"], f"{field}.days", least=0, most=MOST_DAYS),
    )


def parse_windows(location: Mapping[str, object], field: str) -> tuple[Window, ...]:
    """Return the windows of a location, each name once; none if it does not say."""
    if "windows" not in location:
        return ()
    if location.get("capacity_parcels") is not None:
        raise ProblemFault(
            f"{field}.capacity_parcels",
            "must be left out: each of the windows has its own",
        )
    ids: set[str] = set()
    windows = []
    for at, row in enumerate(items(location["windows"], f"{field}.windows", least=1)):
        place = f"{field}.windows[{at}]"
        window = _window(row, place)
        once(ids, window.id, f"{place}.id")
        windows.append(window)
    return tuple(windows)


def parse_slot(order: Mapping[str, object], field: str) -> str | None:
    """Return the window in which an order wants to be handed over."""
    slot = order.get("slot")
    if slot is None:
        return None
    if order.get("pickup_at") is None:
        raise ProblemFault(f"{field}.slot", "must be left out where nothing is picked up")
    return text(slot, f"{field}.slot")


def _window(value: object, field: str) -> Window:
    fields = record(value, field, required=("id", "days"), optional=("capacity_parcels", "serves"))
    capacity, serves = fields.get("capacity_parcels"), fields.get("serves", Serves.ANY.value)
    if serves not in list(Serves):
        known = ", ".join(one.value for one in Serves)
        raise ProblemFault(f"{field}.serves", f"must be one of {known}, got {shown(serves)}")
    return Window(
        id=text(fields["id"], f"{field}.id"),
        days=whole(fields["days"], f"{field}.days", least=0, most=MOST_DAYS),
        capacity_parcels=None
        if capacity is None
        else whole(capacity, f"{field}.capacity_parcels", least=0, most=MOST_UNITS),
        serves=Serves(str(serves)),
    )
