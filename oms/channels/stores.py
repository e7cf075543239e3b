"""Find our location for what a channel calls its pickup place."""

from collections.abc import Iterable

from oms.channels.base import UnknownStore
from oms.connections import ChannelSettings


def mapped(settings: ChannelSettings, names: Iterable[str]) -> str | None:
    """Our location code for the first of the names that the settings map, if any.

    Case and surrounding space do not matter; a Shopify global id counts as its number.
    """
    ours = {_folded(name): code for name, code in settings.locations.items()}
    return next((ours[_folded(name)] for name in names if _folded(name) in ours), None)


def require(
    settings: ChannelSettings, names: Iterable[str], *, channel: str, field: str, remedy: str
) -> str:
    """Our location code, or `UnknownStore` naming what was looked for."""
    wanted = [name for name in names if name]
    code = mapped(settings, wanted)
    if code is None:
        called = " or ".join(repr(name) for name in dict.fromkeys(wanted)) or "no name at all"
        raise UnknownStore(
            f"{field}: the order is to be picked up at {called}, which is no location of ours",
            field=field,
            remedy=f"add it to the setting channels.{channel}.locations and replay the message;"
            f" {remedy}",
            facts={"names": wanted},
        )
    return code


def _folded(name: str) -> str:
    return name.strip().rpartition("gid://shopify/Location/")[2].casefold()
