"""Money as integer minor units, and the notations that channels send it in."""

import re
from decimal import Decimal, localcontext

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
_PLAIN = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,16})?")
_ENOUGH_DIGITS = 40  # scaling is exact for whatever `_PLAIN` lets through


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit has."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: str | int | Decimal, *, currency: str, field: str = "amount") -> int:
    """Turn a decimal amount ("12.50") into minor units (1250), exactly.

    Raises `Invalid`, naming `field`, for what is no plain decimal number ("1,234.00", "1e5"),
    is finer than the minor unit allows, or is beyond any plausible price.
    """
    written = _written(amount)
    if not _PLAIN.fullmatch(written):
        raise Invalid(f"{field}: {written[:40]!r} is not an amount of money", field=field)
    with localcontext(prec=_ENOUGH_DIGITS):
        scaled = Decimal(written).scaleb(exponent(currency))
        whole = scaled.to_integral_value()
    if abs(scaled) > _LARGEST_MINOR:
        raise Invalid(f"{field}: {written} is not a plausible amount of money", field=field)
    if scaled != whole:
        raise Invalid(f"{field}: {written} is finer than {currency} allows", field=field)
    return int(whole)


def to_decimal(minor: int, *, currency: str) -> str:
    """The plain decimal notation of an amount, as APIs want it ("12.50")."""
    places = exponent(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"


def show(minor: int, *, currency: str) -> str:
    """An amount for people ("USD 12.50")."""
    return f"{currency} {to_decimal(minor, currency=currency)}"


def grouped(minor: int, *, currency: str) -> str:
    """An amount for people, with its thousands apart ("USD 1,012.50")."""
    return f"{currency} {Decimal(to_decimal(minor, currency=currency)):,}"


def _written(amount: str | int | Decimal) -> str:
    """The amount without an exponent; one that would fill pages is left as it is, to be refused."""
    if isinstance(amount, Decimal) and abs(amount.adjusted()) <= _ENOUGH_DIGITS:
        return f"{amount:f}"
    return str(amount)
