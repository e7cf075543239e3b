"""Tracking numbers and their check digit."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carriers.base import NotFound
from carriers.simulated.numbers import NumberParts, check_digit, read, tracking_number

DIGITS = st.text(st.sampled_from("0123456789"), min_size=1, max_size=30)


def a_number(key: str = "parcel-1", *, seed: str = "test") -> str:
    return tracking_number(seed=seed, key=key, service_digit=1, zone=4)


def test_the_published_example_of_the_check_digit() -> None:
    assert check_digit("572") == 4
    assert check_digit("5724") == 0


def test_a_number_never_changes() -> None:
    assert a_number() == "SIM140077769659591986"


@given(st.text(max_size=50), st.integers(1, 9), st.integers(1, 9))
def test_a_number_tells_its_service_and_zone(key: str, service_digit: int, zone: int) -> None:
    made = tracking_number(seed="s", key=key, service_digit=service_digit, zone=zone)
    assert read(made) == NumberParts(service_digit=service_digit, zone=zone)
    assert made == tracking_number(seed="s", key=key, service_digit=service_digit, zone=zone)
    assert len(made) == 21


def test_keys_and_seeds_make_other_numbers() -> None:
    assert len({a_number("a"), a_number("b"), a_number("a", seed="other")}) == 3


@given(DIGITS, st.data())
def test_every_wrong_digit_is_noticed(digits: str, data: st.DataObject) -> None:
    whole = f"{digits}{check_digit(digits)}"
    at = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    assume(wrong != whole[at])
    assert check_digit(f"{whole[:at]}{wrong}{whole[at + 1 :]}") != 0


@given(DIGITS, st.data())
def test_every_swap_of_neighbours_is_noticed(digits: str, data: st.DataObject) -> None:
    whole = f"{digits}{check_digit(digits)}"
    at = data.draw(st.integers(0, len(whole) - 2))
    assume(whole[at] != whole[at + 1])
    assert check_digit(f"{whole[:at]}{whole[at + 1]}{whole[at]}{whole[at + 2 :]}") != 0


@pytest.mark.parametrize(
    "number",
    ["", "1Z999AA10123456784", "SIM", a_number()[:-1], a_number() + "0", a_number() + "\n",
     a_number().lower(), a_number().replace("SIM1", "SIM0"), "SIM" + "١" * 18],
)  # fmt: skip
def test_numbers_of_other_carriers_are_not_found(number: str) -> None:
    with pytest.raises(NotFound, match="not one of this carrier's") as refusal:
        read(number)
    assert refusal.value.code == "not_found"
