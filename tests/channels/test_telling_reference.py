"""Writing back to the reference channel: signed events under a key that never changes."""

import pytest

from oms.channels.base import Accepted, ChannelRefused, ChannelUnavailable, ToldLine
from oms.channels.models import WritebackKind
from tests.channels.builders import WHSEC_OLD, a_command
from tests.sandbox.running import SECRETS, Sandbox

SHIPPED, READY = WritebackKind.SHIPPED, WritebackKind.READY
COLLECTED, CANCELLED = WritebackKind.COLLECTED, WritebackKind.CANCELLED


def test_a_parcel_is_told_once(shops: Sandbox) -> None:
    order = shops.place("reference")
    line = order.lines[0].id
    command = a_command(SHIPPED, order.id, lines=(ToldLine(line, 2),))
    assert shops.channel("reference").tell(command) == Accepted(command.key)
    assert shops.channel("reference").tell(command) == Accepted(command.key, repeated=True)
    now = shops.order(order)
    assert [(each.id, each.kind, each.lines) for each in now.received] == [
        (command.key, "shipped", {line: 2})
    ]
    assert now.received[0].tracking_url == "https://example.com/track/1Z999AA10123456784"
    assert len(now.mails) == 1


def test_a_lost_answer_is_met_with_it_is_there_already(shops: Sandbox) -> None:
    order = shops.place("reference")
    command = a_command(SHIPPED, order.id, lines=(ToldLine(order.lines[0].id, 2),))
    shops.fault("reference", "timeout_after_success", seconds=0.8)
    with pytest.raises(ChannelUnavailable):
        shops.channel("reference").tell(command)
    assert shops.channel("reference").tell(command).repeated is True
    assert len(shops.order(order).received) == 1


def test_a_pickup_is_told_from_ready_to_collected(shops: Sandbox) -> None:
    order = shops.place("reference", delivery="pickup", store="S01")
    line = (ToldLine(order.lines[0].id, 2),)
    shops.channel("reference").tell(a_command(READY, order.id, lines=line))
    assert shops.order(order).status == "ready"
    shops.channel("reference").tell(a_command(COLLECTED, order.id, lines=line))
    assert [each.kind for each in shops.order(order).received] == ["ready", "collected"]
    assert shops.order(order).status == "completed"


def test_a_cancellation_is_told(shops: Sandbox) -> None:
    order = shops.place("reference")
    shops.channel("reference").tell(a_command(CANCELLED, order.id))
    assert shops.order(order).status == "cancelled"


def test_during_rotation_both_keys_sign(shops: Sandbox) -> None:
    order = shops.place("reference")
    command = a_command(SHIPPED, order.id, lines=(ToldLine(order.lines[0].id, 2),))
    keys = [WHSEC_OLD, SECRETS["reference"]]
    assert shops.channel("reference", secrets=keys).tell(command).repeated is False


def test_an_unknown_key_is_refused_and_names_the_setting(shops: Sandbox) -> None:
    order = shops.place("reference")
    with pytest.raises(ChannelRefused, match="No matching signature") as caught:
        shops.channel("reference", secrets=[WHSEC_OLD]).tell(a_command(CANCELLED, order.id))
    assert caught.value.field == "channels.reference.secrets"
    assert shops.order(order).status == "open"


def test_faults_are_told_apart(shops: Sandbox) -> None:
    order = shops.place("reference")
    command = a_command(CANCELLED, order.id)
    for mode, error in (
        ("throttle", ChannelUnavailable),
        ("fail", ChannelUnavailable),
        ("refuse", ChannelRefused),
    ):
        shops.fault("reference", mode)
        with pytest.raises(error):
            shops.channel("reference").tell(command)
    assert shops.order(order).received == []


def test_a_redirect_is_not_followed(shops: Sandbox) -> None:
    order = shops.place("reference")
    moved = f"{shops.url}/control/webhooks/"  # the sandbox sends it on to the address without /
    with pytest.raises(ChannelRefused, match="redirects") as caught:
        shops.channel("reference", api_url=moved).tell(a_command(CANCELLED, order.id))
    assert caught.value.field == "channels.reference.api_url"


@pytest.mark.parametrize("address", ["shop.example.com/hooks", "ftp://127.0.0.1/x", "http://"])
def test_an_address_that_is_none_names_the_setting(shops: Sandbox, address: str) -> None:
    with pytest.raises(ChannelRefused) as caught:
        shops.channel("reference", api_url=address).tell(a_command(CANCELLED, "1"))
    assert caught.value.field == "channels.reference.api_url"
