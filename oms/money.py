"""Money as integer minor units, and the notations that channels send it in."""

from decimal import Decimal, InvalidOperation

from oms.errors import Invalid

# ISO 4217: currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
         "VUV", "XAF", "XOF", "XPF"),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip
_LARGEST_MINOR = 10**15


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit has."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: str | int | Decimal, *, currency: str, field: str = "amount") -> int:
    """Turn a decimal amount ("12.50") into minor units (1250), exactly.

    Raises `Invalid`, naming `field`, for what is no number, is finer than the minor unit
    allows, or is beyond any plausible price.
    """
    try:
        scaled = Decimal(str(amount)).scaleb(exponent(currency))
    except InvalidOperation as error:
        raise Invalid(f"{field}: {amount!r} is not an amount of money", field=field) from error
    if not scaled.is_finite() or abs(scaled) > _LARGEST_MINOR:
        raise Invalid(f"{field}: {amount!r} is not a plausible amount of money", field=field)
    if scaled != scaled.to_integral_value():
        raise Invalid(f"{field}: {amount} is finer than {currency} allows", field=field)
    return int(scaled)


def to_decimal(minor: int, *, currency: str) -> str:
    """The plain decimal notation of an amount, as APIs want it ("12.50")."""
    places = exponent(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"


def show(minor: int, *, currency: str) -> str:
    """An amount for people ("USD 12.50")."""
    return f"{currency} {to_decimal(minor, currency=currency)}"
