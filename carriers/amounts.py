"""Money and measures as carriers write them, and as we keep them."""

import math
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from carriers.base import Unavailable

# ISO 4217's minor units, where they are not two.
_WITHOUT: Final = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV")
) | {"XAF", "XOF", "XPF"}
_THREE: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_G_PER_OZ: Final = Decimal("28.349523125")
_MM_PER_INCH: Final = Decimal("25.4")
_G_PER_LB: Final = Decimal("453.59237")


def minor(text: str, currency: str) -> int:
    """`"7.58"` dollars as 758 cents. Raises `Unavailable` for what is no amount."""
    try:
        amount = Decimal(text).scaleb(decimals(currency))
        whole = amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    except (InvalidOperation, ValueError, TypeError):
        raise Unavailable(f"{text!r} is no amount of money") from None
    return int(whole)


def major(amount_minor: int, currency: str) -> str:
    """758 cents as `"7.58"`."""
    return str(Decimal(amount_minor).scaleb(-decimals(currency)))


def decimals(currency: str) -> int:
    """How many decimals a currency has."""
    if currency.upper() in _WITHOUT:
        return 0
    return 3 if currency.upper() in _THREE else 2


def ounces(weight_g: int) -> float:
    """Grams as ounces, to the next tenth: a carrier weighs again and bills the difference."""
    return float(_tenths_up(Decimal(weight_g) / _G_PER_OZ))


def pounds(weight_g: int) -> str:
    """Grams as pounds, to the next tenth."""
    return f"{max(_tenths_up(Decimal(weight_g) / _G_PER_LB), Decimal('0.1')):.1f}"


def inches(length_mm: int) -> float:
    """Millimetres as inches, to the next tenth."""
    return float(_tenths_up(Decimal(length_mm) / _MM_PER_INCH))


def whole_inches(length_mm: int) -> int:
    """Millimetres as inches, to the next whole."""
    return math.ceil(Decimal(length_mm) / _MM_PER_INCH)


def kilograms(weight_g: int) -> str:
    """Grams as kilograms with all their decimals."""
    return f"{Decimal(weight_g) / 1000:.3f}"


def tenths_of_kilograms(weight_g: int) -> str:
    """Grams as kilograms, to the next tenth."""
    return f"{max(_tenths_up(Decimal(weight_g) / 1000), Decimal('0.1')):.1f}"


def whole_centimetres(length_mm: int) -> int:
    """Millimetres as centimetres, to the next whole."""
    return math.ceil(Decimal(length_mm) / 10)


def centimetres(length_mm: int) -> str:
    """Millimetres as centimetres with one decimal."""
    return f"{Decimal(length_mm) / 10:.1f}"


def _tenths_up(value: Decimal) -> Decimal:
    return Decimal(math.ceil(value * 10)) / 10
