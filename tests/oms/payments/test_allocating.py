"""Money divided to the last minor unit, whatever the prices, in whichever parts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.payments.allocating import Priced, Share, of_units, shares, spread
from tests.oms.payments.checkouts import checkouts

FEW = settings(max_examples=150, deadline=None)


@FEW
@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
def test_a_spread_is_exact_and_nobody_is_further_than_one_from_their_part(
    amount: int, weights: list[int]
) -> None:
    parts = spread(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if sum(weights) else [1] * len(weights), strict=True):
        assert abs(part * whole - amount * weight) < whole


def test_the_odd_cent_goes_to_the_largest_remainder_and_then_to_the_first() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(10, [2, 3, 2]) == [3, 4, 3]  # 2.86, 4.29, 2.86
    assert spread(-100, [1, 1, 1]) == [-34, -33, -33]
    assert spread(5, [0, 0]) == [3, 2]
    assert spread(0, []) == []


@FEW
@given(checkouts(), st.data())
def test_the_parts_of_an_order_add_up_to_its_total_however_they_are_cut(
    checkout: tuple[list[Priced], int, int, bool], data: st.DataObject
) -> None:
    lines, total, shipping, tax_included = checkout
    found = shares(lines, total_minor=total, shipping_minor=shipping, tax_included=tax_included)
    given_back = 0
    for line, share in zip(lines, found, strict=True):
        done = 0
        while done < line.kept:
            units = data.draw(st.integers(1, line.kept - done))
            part = of_units(share, of=line.kept, after=done, units=units)
            assert part.total_minor >= 0
            given_back += part.total_minor
            done += units
    assert given_back == total


def test_goods_tax_and_shipping_are_told_apart() -> None:
    line = Priced(ordered=3, kept=3, unit_price_minor=1_000, discount_minor=100, tax_minor=551)
    other = Priced(ordered=1, kept=1, unit_price_minor=499, discount_minor=0, tax_minor=95)
    before, after = (
        shares([line, other], total_minor=total, shipping_minor=450, tax_included=included)
        for included, total in ((False, 2_900 + 551 + 499 + 95 + 450), (True, 2_900 + 499 + 450))
    )
    assert before == [Share(2_900, 551, 384), Share(499, 95, 66)]  # 450 by 3,451 to 594
    assert after == [Share(2_349, 551, 384), Share(404, 95, 66)]  # 450 by 2,900 to 499
    assert of_units(before[0], of=3, after=0, units=1) == Share(967, 183, 128)
    assert of_units(before[0], of=3, after=1, units=2) == Share(1_933, 368, 256)


def test_units_that_were_called_off_are_not_paid_for() -> None:
    line = Priced(ordered=4, kept=1, unit_price_minor=1_000, discount_minor=0, tax_minor=0)
    [still] = shares([line], total_minor=4_500, shipping_minor=500, tax_included=False)
    assert still == Share(1_000, 0, 500)
    [lowered] = shares([line], total_minor=1_500, shipping_minor=500, tax_included=False)
    assert lowered == Share(1_000, 0, 500)
    [none] = shares(
        [Priced(4, 0, 1_000, 0, 0)], total_minor=4_500, shipping_minor=500, tax_included=False
    )
    assert none == Share(0, 0, 0)


def test_a_discount_that_no_line_bears_lowers_every_line() -> None:
    lines = [Priced(1, 1, 1_000, 0, 0), Priced(1, 1, 500, 0, 0)]
    found = shares(lines, total_minor=1_000, shipping_minor=0, tax_included=False)
    assert found == [Share(1_000, 0, -333), Share(500, 0, -167)]
