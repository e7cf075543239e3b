"""Build the adapter of a configured channel."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Final, Protocol

from oms.channels.amazon.adapter import Amazon
from oms.channels.base import Channel
from oms.channels.reference.adapter import Reference
from oms.channels.shopify.adapter import Shopify
from oms.channels.woocommerce.adapter import WooCommerce
from oms.connections import ChannelSettings
from oms.errors import Invalid, NotFound
from oms.settings import Settings, settings

ENTRY_POINTS: Final = "tributary.channels"
"""Entry point group in which an installed package offers a `ChannelFactory`."""
WITHOUT_STOCK: Final = frozenset({"amazon"})
"""Kinds of channel that are never told of stock."""


class ChannelFactory(Protocol):
    """Makes a third party's channel from its settings."""

    def __call__(self, code: str, settings: ChannelSettings) -> Channel:
        """The channel, ready for use; raises `ValueError` for settings it cannot work with."""


def channel(code: str, config: Settings | None = None) -> Channel:
    """The channel of this code. Raises `NotFound` if the settings have none such.

    Raises `Invalid` for a secret that could prove nothing.
    """
    config = config or settings()
    found = config.channel(code)
    if found is None:
        known = ", ".join(sorted(config.channels)) or "none"
        raise NotFound(
            f"there is no channel {code!r}; configured: {known}",
            field="channel",
            remedy=f"set channels.{code} in the settings",
        )
    return build(code, found)


def configured(config: Settings | None = None) -> Mapping[str, Channel]:
    """Every configured channel by its code."""
    return {code: build(code, found) for code, found in (config or settings()).channels.items()}


def build(code: str, found: ChannelSettings) -> Channel:
    """The adapter for these settings."""
    for index, secret in enumerate(found.secrets):
        if not secret.get_secret_value():
            field = f"channels.{code}.secrets[{index}]"
            raise Invalid(
                f"{field} is empty: anybody could sign with it",
                field=field,
                remedy="set the webhook secret that the shop shows",
            )
    match found.kind:
        case "shopify":
            return Shopify(code, found)
        case "woocommerce":
            return WooCommerce(code, found)
        case "reference":
            adapter = Reference(code, found)
            adapter.keys()
            return adapter
        case "amazon":
            return Amazon(code, found)
        case "package":
            return _of_a_package(code, found)


def _of_a_package(code: str, found: ChannelSettings) -> Channel:
    name = found.package or code
    installed = entry_points(group=ENTRY_POINTS)
    if name not in installed.names:
        offered = ", ".join(sorted(installed.names)) or "none"
        raise Invalid(
            f"no installed package offers a channel {name!r}; offered: {offered}",
            field=f"channels.{code}.package",
            remedy=f"install the package, or name one of its entry points in {ENTRY_POINTS}",
        )
    factory: ChannelFactory = installed[name].load()
    try:
        return factory(code, found)
    except ValueError as error:
        raise Invalid(
            f"channels.{code}: {error}",
            field=f"channels.{code}",
            remedy="see the package's own documentation",
        ) from error
