"""Money in every notation that a channel may send."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms import money
from oms.errors import Invalid

CURRENCIES = ["USD", "JPY", "KWD", "EUR", "VND", "BHD"]


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "USD", 1_250),
        ("12.5", "USD", 1_250),
        ("12", "USD", 1_200),
        (12, "USD", 1_200),
        (Decimal("12.50"), "USD", 1_250),
        (Decimal("1E+3"), "USD", 100_000),
        ("-3.10", "USD", -310),
        ("-0", "USD", 0),
        ("0.00", "EUR", 0),
        ("007.00", "EUR", 700),
        ("1250", "JPY", 1_250),
        ("1250.00", "JPY", 1_250),
        ("1.234", "KWD", 1_234),
        ("1.2340000", "KWD", 1_234),
        ("12.5000000000000000", "USD", 1_250),
        ("10000000000000.00", "USD", 10**15),
    ],
)
def test_an_amount_becomes_minor_units_of_its_currency(
    amount: str | int | Decimal, currency: str, minor: int
) -> None:
    assert money.to_minor(amount, currency=currency) == minor


@pytest.mark.parametrize(
    "amount",
    [
        "", " ", "abc", "12.50 USD", "1,234.00", "12,50", "1.234.00", "1_000", ".5", "5.", "+5",
        "--5", "1e5", "١٢", "0x10", "NaN", "sNaN", "Infinity", "-Infinity", "12.50 ", "\x00",
        Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e999999"),
        Decimal("1e-999999"), True, "1" * 400,
    ],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused_by_the_name_of_its_field(amount: str) -> None:
    with pytest.raises(Invalid, match=r"^price: .* is not an amount of money") as refused:
        money.to_minor(amount, currency="USD", field="price")
    assert refused.value.field == "price"


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("12.505", "USD"), ("0.5", "JPY"), ("1.2345", "KWD"), ("12.5000000000000001", "USD")],
)
def test_an_amount_finer_than_the_currency_allows_is_not_rounded(
    amount: str, currency: str
) -> None:
    with pytest.raises(Invalid, match=f"is finer than {currency} allows"):
        money.to_minor(amount, currency=currency)


@pytest.mark.parametrize("amount", ["10000000000000.01", "-9999999999999999"])
def test_an_amount_beyond_any_price_is_refused(amount: str) -> None:
    with pytest.raises(Invalid, match="is not a plausible amount"):
        money.to_minor(amount, currency="USD")


@pytest.mark.parametrize(
    ("minor", "currency", "written", "shown"),
    [
        (1_250, "USD", "12.50", "USD 12.50"),
        (5, "USD", "0.05", "USD 0.05"),
        (-5, "USD", "-0.05", "USD -0.05"),
        (0, "USD", "0.00", "USD 0.00"),
        (1_250, "JPY", "1250", "JPY 1250"),
        (1_234, "KWD", "1.234", "KWD 1.234"),
    ],
)
def test_minor_units_are_written_with_the_decimals_of_their_currency(
    minor: int, currency: str, written: str, shown: str
) -> None:
    assert money.to_decimal(minor, currency=currency) == written
    assert money.show(minor, currency=currency) == shown


@given(st.integers(-(10**15), 10**15), st.sampled_from(CURRENCIES))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    assert money.to_minor(money.to_decimal(minor, currency=currency), currency=currency) == minor
