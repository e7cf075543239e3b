"""What is told in a run: enough of everything that has gone wrong before, and always the same."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.chaos import network, script
from api.chaos.options import Options
from api.chaos.script import Sequencing, Story
from oms.channels.base import RawRequest
from oms.channels.registry import channel
from oms.network.reading import read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPTIONS = Options(data_dir=Path("nowhere"), seed=5, orders=600, hot_skus=20)


@pytest.fixture(scope="module")
def told() -> tuple[Story, ...]:
    return script.stories(OPTIONS, now=NOW)


def test_a_seed_tells_the_same_orders_again(told: tuple[Story, ...]) -> None:
    again = script.stories(OPTIONS, now=NOW)
    assert [(one.name, one.wanted, one.sequencing) for one in again] == [
        (one.name, one.wanted, one.sequencing) for one in told
    ]


def test_every_channel_every_sequence_and_every_end_occurs(told: tuple[Story, ...]) -> None:
    assert {one.channel for one in told} == {
        "shopify", "woocommerce", "reference", "till", "phone", "kiosk",
    }  # fmt: skip
    assert {(one.sequencing, one.cancelled) for one in told} == {
        (sequencing, cancelled) for sequencing in Sequencing for cancelled in (True, False)
    }
    assert {one.refusable for one in told} == {True, False}
    assert len({one.name for one in told}) == len(told)


def test_about_as_many_messages_are_repeated_as_was_asked_for(told: tuple[Story, ...]) -> None:
    messages = [message for story in told for message in story.messages]
    assert 0.10 < sum(1 for one in messages if one.repeats) / len(messages) < 0.20
    assert {one.repeated_at_once for one in messages if one.repeats} == {True, False}


def test_the_newest_message_of_a_shop_says_what_is_wanted_in_the_end(
    told: tuple[Story, ...],
) -> None:
    for story in told:
        if story.is_webhook:
            said = [
                channel(story.channel).to_order(message.body, topic=message.topic)
                for message in story.messages
            ]
            newest = max(said, key=lambda order: order.updated_at)
            assert (newest.external_id, newest.cancelled) == (story.external_id, story.cancelled)
            if not story.cancelled:
                lines = {
                    line.external_id: (line.channel_sku, line.quantity) for line in newest.lines
                }
                assert (lines, newest.total_minor) == (story.wanted, story.total_minor)


def test_messages_out_of_sequence_do_not_begin_with_the_oldest(told: tuple[Story, ...]) -> None:
    shuffled = [one for one in told if one.sequencing is Sequencing.SHUFFLED]
    assert shuffled
    for story in shuffled:
        steps = [int(message.id.rpartition("-")[2]) for message in story.messages]
        assert steps != sorted(steps)


def test_each_message_of_an_order_has_a_key_of_its_own(told: tuple[Story, ...]) -> None:
    for story in told:
        if story.is_webhook:
            keys = set()
            for one in story.messages:
                named = {**one.headers, "webhook-id": one.id}
                headers = tuple((name.lower(), value) for name, value in named.items())
                keys.add(channel(story.channel).hint(RawRequest(headers, one.body)).dedupe_key)
            assert len(keys) == len(story.messages)


def test_there_is_less_stock_than_is_wanted_and_the_network_file_has_it(
    told: tuple[Story, ...],
) -> None:
    stock = network.stock(told)
    loaded = read(network.document(script.skus(OPTIONS), stock))
    assert {(one.sku, one.location): one.units - one.safety for one in loaded.stock} == stock
    wanted = sum(units for one in told for _, units in one.wanted.values())
    assert 0.6 * wanted < sum(stock.values()) < 0.7 * wanted
