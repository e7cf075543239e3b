"""Write problems and answers as plain JSON, as documented in docs/routing-problem.md.

`parse_problem(problem_document(problem)) == problem`: a stored snapshot is a problem file, and a
decision can be replayed from it.
"""

from routing.plan import Answer, OrderPlan, ParcelPlan
from routing.problem import Added, Lane, Line, Location, Order, Problem, Tariff, Window

Json = dict[str, object]


def problem_document(problem: Problem) -> Json:
    """Return the document of a problem."""
    return {
        "currency": problem.currency,
        "tariff": _tariff(problem.tariff),
        "locations": [_location(place) for place in problem.locations],
        "stock": [list(row) for row in problem.stock],
        "orders": [_order(order) for order in problem.orders],
        **({} if problem.road_factor == 1 else {"road_factor": problem.road_factor}),
        **({"transfers": [_lane(lane) for lane in problem.transfers]} if problem.transfers else {}),
        **({"added": [_added(row) for row in problem.added]} if problem.added else {}),
    }


def answer_document(answer: Answer, *, wall_s: float) -> Json:
    """Return the document of an answer that took so many seconds."""
    return {
        "status": answer.status.value,
        "cost_cents": answer.cost_cents,
        "lower_bound_cents": answer.lower_bound_cents,
        "gap": round(answer.gap, 6),
        "wall_s": round(wall_s, 3),
        "orders": [order_plan_document(plan) for plan in answer.orders],
    }


def order_plan_document(plan: OrderPlan) -> Json:
    """Return the document of one order's plan."""
    return {
        "id": plan.id,
        "parcels": [_parcel(parcel) for parcel in plan.parcels],
        "unfilled": list(plan.unfilled),
        **({"unfilled_units": dict(plan.unfilled_units)} if plan.unfilled_units else {}),
    }


def _parcel(parcel: ParcelPlan) -> Json:
    return {
        "location": parcel.location,
        **({} if parcel.to is None else {"to": parcel.to}),
        **({} if parcel.window is None else {"window": parcel.window}),
        "lines": list(parcel.lines),
        **({"units": dict(parcel.units)} if parcel.units else {}),
        "cents": parcel.cents,
    }


def _lane(lane: Lane) -> Json:
    return {
        "from": lane.source,
        "to": lane.to,
        "parcel_cents": lane.parcel_cents,
        "line_cents": lane.line_cents,
        "days": lane.days,
    }


def _tariff(tariff: Tariff) -> Json:
    return {
        "zone_miles": list(tariff.zone_miles),
        "max_weight_g": list(tariff.max_weight_g),
        "cents": [list(row) for row in tariff.cents],
        "transit_days": list(tariff.transit_days),
    }


def _location(place: Location) -> Json:
    return {
        "id": place.id,
        "kind": place.kind,
        "lat": place.lat,
        "lon": place.lon,
        "parcel_cents": place.parcel_cents,
        "line_cents": place.line_cents,
        "pickup_cents": place.pickup_cents,
        "handling_days": place.handling_days,
        **({} if place.windows else {"capacity_parcels": place.capacity_parcels}),
        **({} if place.pickup_days is None else {"pickup_days": place.pickup_days}),
        **({"windows": [_window(window) for window in place.windows]} if place.windows else {}),
    }


def _window(window: Window) -> Json:
    return {
        "id": window.id,
        "days": window.days,
        "capacity_parcels": window.capacity_parcels,
        "serves": window.serves.value,
    }


def _order(order: Order) -> Json:
    document: Json = {
        "id": order.id,
        "lat": order.lat,
        "lon": order.lon,
        "promise_days": order.promise_days,
        "max_parcels": order.max_parcels,
        "pickup_at": None if order.pickup_at is None else list(order.pickup_at),
        "lines": [_line(line) for line in order.lines],
    }
    if order.slot is not None:
        document["slot"] = order.slot
    if order.excluded:
        document["excluded"] = dict(order.excluded)
    if order.added:
        document["added"] = list(order.added)
    return document


def _line(line: Line) -> Json:
    return {
        "id": line.id,
        "sku": line.sku,
        "units": line.units,
        "weight_g": line.weight_g,
        "unfilled_cents": line.unfilled_cents,
        **({"may_split": True} if line.may_split else {}),
        **({"added": list(line.added)} if line.added else {}),
    }


def _added(row: Added) -> Json:
    return {"term": row.term, "cents": dict(row.cents)}
