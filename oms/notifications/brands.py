"""Whose notices they are: a brand by its sales channels, with a name, a sender and a language."""

from typing import Final

from oms.connections import BrandSettings
from oms.settings import settings

DEFAULT: Final = "default"
_OURS: Final = BrandSettings(name="Tributary")


def of_channel(channel: str) -> tuple[str, BrandSettings]:
    """The brand of a sales channel, and its code."""
    brands = settings().brands
    for code, brand in brands.items():
        if channel in brand.channels:
            return code, brand
    return DEFAULT, brands.get(DEFAULT, _OURS)


def named(code: str) -> BrandSettings:
    """The brand with a code; what no setting knows any more is the default one."""
    brands = settings().brands
    return brands.get(code) or brands.get(DEFAULT, _OURS)


def codes() -> tuple[str, ...]:
    """Every brand that notices may be worded for."""
    return tuple(sorted({DEFAULT, *settings().brands}))
