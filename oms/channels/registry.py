"""Build the adapter of a configured channel."""

from collections.abc import Mapping

from oms.channels.base import Channel
from oms.channels.reference.adapter import Reference
from oms.channels.shopify.adapter import Shopify
from oms.channels.woocommerce.adapter import WooCommerce
from oms.errors import Invalid, NotFound
from oms.settings import ChannelSettings, Settings, settings


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
