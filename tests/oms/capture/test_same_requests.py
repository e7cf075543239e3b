"""Requests for orders: a batch leaves the rows and gives the answers of one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from api.routes.placing import arrival, place
from api.schemas.orders import OrderIn, PlacedOut
from oms import clock, db
from oms.access.signing_in import Caller
from oms.capture.arrivals import Arrival, Fate, Outcome
from oms.db import transaction
from oms.errors import OmsError
from oms.ordering.placing import out_of_stock
from tests.oms.capture.both_ways import ADDRESS, EMAIL, LINE, NOW, at_once, cleared, rows

WHO = Caller(actor="service:till", name="till", scopes=frozenset({"orders:write"}))
REQUEST = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["till", "phone"]),
        "reference": st.sampled_from([None, None, "T-1"]),
        "lines": st.lists(LINE, min_size=1, max_size=3),
        "store": st.sampled_from([None, None, "S01"]),
        "email": EMAIL,
        "address": ADDRESS,
        "policy": st.sampled_from(["refuse", "backorder"]),
        "then": st.sampled_from(["nothing", "nothing", "the same again", "another thing"]),
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its key."""

    body: OrderIn
    key: str


def requests(number: int, drawn: dict[str, Any]) -> list[Asked]:
    """One request and, maybe, what is sent with the same key after it."""
    body: dict[str, Any] = {
        "source": drawn["source"],
        # The reference of an order that is refused is free for the next one.
        "reference": drawn["reference"] if drawn["policy"] == "backorder" else None,
        "delivery": "pickup" if drawn["store"] else "ship",
        "pickup_store": drawn["store"],
        "customer_name": "Ada Example",
        "customer_email": drawn["email"],
        "currency": "USD",
        "lines": [one | {"unit_price_minor": 1_250, "tax_minor": 7} for one in drawn["lines"]],
        "when_out_of_stock": drawn["policy"],
    }
    if not drawn["store"]:
        body["address"] = {
            "name": "Ada", "street": "5 Main Street", "city": "New York", "country": "US",
        } | drawn["address"]  # fmt: skip
    first = Asked(OrderIn.model_validate(body), f"key-{number:08}")
    other = Asked(OrderIn.model_validate(body | {"customer_name": "Bob"}), first.key)
    # After a refusal nothing is kept, so another thing is a new request: it comes after the batch.
    again = [first, other] if drawn["policy"] == "backorder" else [first]
    return {"the same again": [first, first], "another thing": again}.get(drawn["then"], [first])


def one_by_one(session: Session, asked: Sequence[Asked]) -> list[dict[str, Any]]:
    answers = []
    for one in asked:
        try:
            with session.begin_nested():
                answers.append(told(place(one.body, session, WHO, one.key)))
        except OmsError as error:
            answers.append(refusal(error))
    session.flush()
    return answers


def told(placed: PlacedOut) -> dict[str, Any]:
    return placed.model_dump(exclude={"order_id", "number"})


def refusal(error: OmsError) -> dict[str, Any]:
    facts = {key: value for key, value in error.facts.items() if key != "order_id"}
    return {"code": error.code, "message": error.message, "field": error.field, "facts": facts}


def answer(outcome: Outcome, one: Asked) -> dict[str, Any]:
    """What the door says; what was left to the ordinary way is asked there."""
    if outcome.fate is Fate.REFUSED:
        return refusal(out_of_stock(outcome.missing))
    if outcome.fate is Fate.LEFT:
        with Session(db.engine()) as session:
            [said] = one_by_one(session, [one])
        assert "code" in said, f"left, though nothing is the matter: {said}"
        return said
    return told(PlacedOut.model_validate(outcome.answer))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=st.lists(REQUEST, min_size=1, max_size=7))
def test_a_batch_of_requests_leaves_the_rows_and_gives_the_answers_of_one_after_the_other(
    till: str, drawn: list[dict[str, Any]]
) -> None:
    asked = [
        request for number, one in enumerate(drawn, start=1) for request in requests(number, one)
    ]
    with clock.at(NOW):
        with Session(db.engine()) as session:
            expected_answers = one_by_one(session, asked)
            expected = rows(session)
            session.rollback()
        arrived = [arrival(one.body, secret=till, key=one.key) for one in asked]
        assert None not in arrived
        outcomes = at_once([one for one in arrived if isinstance(one, Arrival)])
        with transaction() as session:
            assert rows(session) == expected
        assert [
            answer(outcome, one) for outcome, one in zip(outcomes, asked, strict=True)
        ] == expected_answers
    cleared()
