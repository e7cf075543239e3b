"""Orders with discounts, mixed taxes and shipping, as customers pay them."""

from hypothesis import strategies as st

from oms.payments.allocating import Priced


@st.composite
def checkouts(draw: st.DrawFn) -> tuple[list[Priced], int, int, bool]:
    """Lines, the total, the shipping in it, and whether prices include the tax."""
    tax_included = draw(st.booleans())
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        ordered, price = draw(st.integers(1, 7)), draw(st.integers(0, 100_000))
        discount = draw(st.one_of(st.just(0), st.integers(0, ordered * price)))
        net = ordered * price - discount
        rate = draw(st.sampled_from([0, 7, 19, 21]))
        tax = net * rate // (100 + rate) if tax_included else net * rate // 100
        lines.append(Priced(ordered, ordered, price, discount, tax))
    goods = sum(
        line.unit_price_minor * line.ordered
        - line.discount_minor
        + (0 if tax_included else line.tax_minor)
        for line in lines
    )
    shipping = draw(st.integers(0, 2_000))
    off = draw(st.integers(0, goods // 2))  # a voucher on the whole order
    return lines, goods + shipping - off, shipping, tax_included
