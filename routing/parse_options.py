"""Read what only some problem files have: transfer lanes.

Part of `routing.parse`.
"""

from collections.abc import Collection

from routing.problem import MOST_CENTS, MOST_DAYS, Lane
from routing.reading import ProblemFault, among, items, record, shown, whole


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
