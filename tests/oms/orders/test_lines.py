"""Units move between the buckets of a line; none is lost or made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.orders import lines
from oms.orders.lines import WrongBucket
from tests.oms.orders.test_states import a_line

BUCKETS = ("unrouted", "reserved", "backordered", "short", "cancelled", "fulfilled")


def buckets(line: object) -> dict[str, int]:
    return {name: getattr(line, name) for name in BUCKETS}


def test_units_leave_one_bucket_for_another() -> None:
    line = a_line(reserved=3)
    lines.shift(line, out_of="reserved", into="fulfilled", units=2)
    assert buckets(line) == dict.fromkeys(BUCKETS, 0) | {"reserved": 1, "fulfilled": 2}


def test_more_units_than_there_are_cannot_be_moved_and_nothing_changes() -> None:
    line = a_line(reserved=3)
    with pytest.raises(WrongBucket, match="has 3 units reserved, not 4") as refused:
        lines.shift(line, out_of="reserved", into="fulfilled", units=4)
    assert refused.value.facts["units"] == 3
    assert buckets(line) == dict.fromkeys(BUCKETS, 0) | {"reserved": 3}


def test_a_fulfilled_unit_does_not_come_back_by_a_shift() -> None:
    line = a_line(fulfilled=1)
    with pytest.raises(AssertionError):
        lines.shift(line, out_of="fulfilled", into="unrouted", units=1)


def test_open_units_are_those_that_the_customer_waits_for() -> None:
    assert lines.open_units(a_line(unrouted=1, reserved=2, backordered=4, short=8)) == 7


@given(
    st.fixed_dictionaries({name: st.integers(0, 5) for name in BUCKETS}),
    st.sampled_from(BUCKETS[:-1]),
    st.sampled_from(BUCKETS),
    st.integers(0, 5),
)
def test_no_unit_is_lost_or_made(
    before: dict[str, int], out_of: lines.Bucket, into: lines.Bucket, units: int
) -> None:
    line = a_line(**before)
    try:
        lines.shift(line, out_of=out_of, into=into, units=units)
    except WrongBucket:
        assert before[out_of] < units
        assert buckets(line) == before
    else:
        assert sum(buckets(line).values()) == sum(before.values()) == line.quantity
        assert min(buckets(line).values()) >= 0
