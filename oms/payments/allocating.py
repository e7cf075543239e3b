"""Divide an order's money over its lines and their units, to the last minor unit. Pure.

    gross[i]  = price[i] * ordered[i] - discount[i] + (tax[i], where prices do not include it)
    rest      = total - sum of gross over the units kept      shipping, and what no line bears
    extra[i]  = the line's part of rest, by largest remainder, in proportion to gross
    whole[i]  = gross[i] + extra[i]
    first(k)  = floor(whole * k / units)                      what the first k units are worth

`n` units after `m` others are worth `first(m + n) - first(m)`. These differences telescope: however
a line's units are cut into parts, the parts add up to the line, and the lines to the total.
Amounts are integers in minor units, so the number of a currency's decimals plays no part.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Priced:
    """A line as it was ordered. Discount and tax are for all `ordered` units; `kept` are wanted."""

    ordered: int
    kept: int
    unit_price_minor: int
    discount_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Share:
    """What some units are worth: the goods without tax, their tax, their part of shipping.

    `extra_minor` is below zero where the order was cheaper than its lines.
    """

    goods_minor: int
    tax_minor: int
    extra_minor: int

    @property
    def total_minor(self) -> int:
        """All of it; never below zero."""
        return self.goods_minor + self.tax_minor + self.extra_minor


NOTHING = Share(0, 0, 0)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Cut an amount into parts in proportion to weights, exactly: the largest remainder wins.

    Weights are not negative; if all are zero they count alike. No part is further than one from
    its exact share, and of equal remainders the earlier part gets the odd unit.
    """
    if not weights:
        assert amount == 0, "nobody is there to take it"
        return []
    if sum(weights) == 0:
        weights = [1] * len(weights)
    whole, sign = sum(weights), -1 if amount < 0 else 1
    parts = [abs(amount) * weight // whole for weight in weights]
    left = abs(amount) - sum(parts)
    by_remainder = sorted(
        range(len(weights)), key=lambda n: (-(abs(amount) * weights[n] % whole), n)
    )
    for number in by_remainder[:left]:
        parts[number] += 1
    return [sign * part for part in parts]


def shares(
    lines: Sequence[Priced], *, total_minor: int, shipping_minor: int, tax_included: bool
) -> list[Share]:
    """What the kept units of each line are worth, so that all together are the order's total.

    When units were called off, nobody can tell whether the total still has them in it. Then no
    more than the shipping is put on top of what the lines say: a customer never pays for goods
    that nobody sends.
    """
    alone = [own(line, tax_included=tax_included) for line in lines]
    rest = total_minor - sum(one.total_minor for one in alone)
    if any(line.kept < line.ordered for line in lines):
        rest = min(rest, shipping_minor)
    if not any(line.kept for line in lines):
        return alone
    weights = [one.total_minor for one in alone]
    if sum(weights) == 0:
        weights = [line.kept for line in lines]
    return [
        Share(one.goods_minor, one.tax_minor, extra)
        for one, extra in zip(alone, spread(rest, weights), strict=True)
    ]


def of_units(share: Share, *, of: int, after: int, units: int) -> Share:
    """What `units` of a line are worth when `after` of its `of` units were dealt with before."""
    assert 0 <= after <= after + units <= of, (of, after, units)
    if units == 0:
        return NOTHING

    def part(whole: int) -> int:
        return _first(whole, after + units, of) - _first(whole, after, of)

    total, tax, extra = part(share.total_minor), part(share.tax_minor), part(share.extra_minor)
    return Share(total - tax - extra, tax, extra)


def own(line: Priced, *, tax_included: bool) -> Share:
    """The line's own money for the units kept; a discount beyond its price is not its own."""
    price = line.unit_price_minor * line.ordered
    net = price - min(line.discount_minor, price)
    tax = min(line.tax_minor, net) if tax_included else line.tax_minor
    ordered = Share(net - tax if tax_included else net, tax, 0)
    return of_units(ordered, of=line.ordered, after=0, units=line.kept)


def _first(whole: int, units: int, of: int) -> int:
    """The first units' part of an amount, rounded towards zero."""
    part = abs(whole) * units // of
    return part if whole >= 0 else -part
