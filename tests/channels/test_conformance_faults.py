"""A channel that breaks a promise is found out: faults planted in an adapter that keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from api.sandbox.doubles import sandbox_double
from oms.channels.base import (
    Accepted,
    Channel,
    ChannelRefused,
    ChannelUnavailable,
    Hint,
    RawRequest,
    WritebackCommand,
)
from oms.channels.conformance import checks
from oms.channels.conformance.checks import Check
from oms.channels.conformance.subject import Fault, NotConforming, Subject
from oms.channels.conformance.verifying import verify
from oms.channels.woocommerce import client, facts
from oms.channels.woocommerce.adapter import WooCommerce
from oms.orders.new_order import NewOrder


class TakesAll(WooCommerce):
    def verify(self, request: RawRequest, *, now: datetime) -> None:
        return None


class OneKeyForAll(WooCommerce):
    def hint(self, request: RawRequest) -> Hint:
        return replace(super().hint(request), dedupe_key="always")


class KeyByDelivery(WooCommerce):
    deliveries = iter(range(1_000))

    def hint(self, request: RawRequest) -> Hint:
        return replace(super().hint(request), dedupe_key=f"delivery {next(self.deliveries)}")


class LinesBySku(WooCommerce):
    def to_order(self, body: bytes, *, topic: str) -> NewOrder:
        order = super().to_order(body, topic=topic)
        lines = tuple(replace(line, external_id=line.channel_sku) for line in order.lines)
        return replace(order, lines=lines)


class CrashesOnRubbish(WooCommerce):
    def to_order(self, body: bytes, *, topic: str) -> NewOrder:
        if not body.startswith(b'{"id":'):
            raise KeyError("id")
        return super().to_order(body, topic=topic)


class WritesBlindly(WooCommerce):
    """It adds its note without looking whether it is there."""

    def tell(self, command: WritebackCommand) -> Accepted:
        with client.connected(self.code, self.settings, timeout_s=self.timeout_s) as api:
            client.add_note(api, command.order_external_id, facts.note(command), to_customer=True)
        return Accepted("written")


class ForgetsWhenToComeBack(WooCommerce):
    def tell(self, command: WritebackCommand) -> Accepted:
        try:
            return super().tell(command)
        except ChannelUnavailable as error:
            raise ChannelUnavailable(error.message) from None


class GivesUpAtOnce(WooCommerce):
    def tell(self, command: WritebackCommand) -> Accepted:
        try:
            return super().tell(command)
        except ChannelUnavailable as error:
            raise ChannelRefused(error.message) from None


class Babbles(WooCommerce):
    def tell(self, command: WritebackCommand) -> Accepted:
        try:
            return super().tell(command)
        except ChannelRefused as error:
            raise ChannelRefused(f"{error.message} with cs_sandbox") from None


PLANTED: list[tuple[type[WooCommerce], Check]] = [
    (TakesAll, checks.takes_only_what_is_signed),
    (OneKeyForAll, checks.knows_its_messages_apart),
    (KeyByDelivery, checks.knows_its_messages_apart),
    (LinesBySku, checks.reads_its_orders_by_line),
    (CrashesOnRubbish, checks.says_what_is_wrong_with_a_document),
    (WritesBlindly, checks.tells_a_fact_once),
    (WritesBlindly, checks.a_lost_answer_has_no_second_effect),
    (ForgetsWhenToComeBack, checks.comes_back_when_it_is_asked_to),
    (GivesUpAtOnce, checks.tells_a_passing_fault_from_a_final_one),
    (Babbles, checks.keeps_its_secrets),
]


@pytest.fixture(scope="module")
def subject() -> Iterator[Subject]:
    with sandbox_double("woocommerce", "woocommerce") as running:
        yield running


@pytest.mark.parametrize(
    ("kind", "check"), PLANTED, ids=[f"{kind.__name__}-{check.__name__}" for kind, check in PLANTED]
)
def test_a_planted_fault_is_found(subject: Subject, kind: type[WooCommerce], check: Check) -> None:
    right = subject.again()
    broken = kind("woocommerce", right.settings, timeout_s=0.5)
    with pytest.raises(NotConforming):
        check(replace(subject, again=lambda: broken))


@dataclass
class Later:
    """A double whose shop takes a fact and turns it down afterwards."""

    inner: Any

    @property
    def faults(self) -> frozenset[Fault]:
        return frozenset({Fault.LATER_FAILURE})

    def fault(self, fault: Fault) -> None:
        assert fault is Fault.LATER_FAILURE

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class AsksWhatBecame(WooCommerce):
    """A channel that answers 202 and says only when it is asked what became of it."""

    asked = 0

    def tell(self, command: WritebackCommand) -> Accepted:
        type(self).asked += 1
        if type(self).asked == 1:
            raise ChannelUnavailable("taken, and not carried out yet")
        raise ChannelRefused("turned down")


class TakesATicketForAnAnswer(WooCommerce):
    def tell(self, command: WritebackCommand) -> Accepted:
        return Accepted("ticket 1")


def test_a_fact_that_is_turned_down_later_is_asked_after(subject: Subject) -> None:
    check = checks.a_fact_that_is_turned_down_later_is_not_accepted
    settings = subject.again().settings

    def against(kind: type[WooCommerce]) -> Subject:
        made: Channel = kind("woocommerce", settings)
        return replace(subject, again=lambda: made, double=Later(subject.double))

    check(against(AsksWhatBecame))
    with pytest.raises(NotConforming, match="it says that it told"):
        check(against(TakesATicketForAnAnswer))


def test_every_check_is_told_of_with_what_it_found(subject: Subject) -> None:
    settings = subject.again().settings
    broken = TakesAll("woocommerce", settings, timeout_s=0.5)
    found = {each.check: each for each in verify(replace(subject, again=lambda: broken))}
    assert list(found) == [check.__name__ for check in checks.CHECKS]
    assert found["takes_only_what_is_signed"].fault.endswith("a message is taken")
    assert found["tells_a_fact_once"].fault == ""
    assert "official examples" in found["reads_the_official_examples"].not_asked
