"""Adapters are built from the settings, and only from settings that can prove something."""

import pytest

from oms.channels import registry
from oms.channels.models import WritebackKind
from oms.connections import MissingSetting
from oms.errors import Invalid, NotFound
from oms.settings import Settings
from tests.channels.builders import WHSEC, a_channel, a_command

CONFIG = Settings(
    channels={
        "us": {"kind": "shopify", "secrets": ["s"], "api_url": "https://us.example.com"},
        "eu": {"kind": "woocommerce", "secrets": ["s"], "api_url": "https://eu.example.com"},
        "till": {"kind": "reference", "secrets": [WHSEC], "api_url": "https://till.example.com"},
    }
)


def test_every_configured_channel_is_built_under_its_code() -> None:
    built = registry.configured(CONFIG)
    assert {code: (each.code, each.settings.kind) for code, each in built.items()} == {
        "us": ("us", "shopify"),
        "eu": ("eu", "woocommerce"),
        "till": ("till", "reference"),
    }
    assert registry.channel("eu", CONFIG) == built["eu"]


def test_an_unknown_channel_names_those_that_there_are() -> None:
    with pytest.raises(NotFound) as caught:
        registry.channel("etsy", CONFIG)
    assert caught.value.message == "there is no channel 'etsy'; configured: eu, till, us"


def test_an_empty_secret_is_refused_because_anybody_can_sign_with_it() -> None:
    with pytest.raises(Invalid) as caught:
        a_channel("shopify", secrets=["right", ""])
    assert caught.value.field == "channels.shopify.secrets[1]"


@pytest.mark.parametrize(
    ("kind", "field"), [("shopify", "access_token"), ("woocommerce", "consumer_key")]
)
def test_without_credentials_a_writeback_names_the_setting(kind: str, field: str) -> None:
    with pytest.raises(MissingSetting) as caught:
        a_channel(kind).tell(a_command(WritebackKind.CANCELLED, "1"))
    assert caught.value.field == f"channels.{kind}.{field}"
    assert caught.value.remedy
