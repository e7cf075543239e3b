"""The checks, one promise each; its docstring says which."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from oms import clock
from oms.channels.base import (
    Accepted,
    ChannelRefused,
    ChannelUnavailable,
    Malformed,
    RawRequest,
    Window,
)
from oms.channels.conformance.asking import (
    asked,
    document,
    failure,
    hold,
    parcel,
    passes,
    play,
    pushed,
    refused,
    secrets_of,
    telling,
    units,
    with_value,
    without,
)
from oms.channels.conformance.subject import Fault, NotAsked, NotConforming, Subject
from oms.channels.models import WritebackKind
from oms.errors import OmsError

_LONG_AGO: Final = timedelta(hours=1)

Check = Callable[[Subject], None]


def takes_only_what_is_signed(subject: Subject) -> None:
    """A genuine message is taken; changed, unsigned, doubled or cut signatures are refused."""
    channel, request = subject.again(), pushed(subject)
    now = clock.now()
    channel.verify(request, now=now)
    for body in (request.body + b" ", request.body.replace(b":", b": ", 1), b""):
        refused(channel, replace(request, body=body), f"with {len(body)} bytes of another body")
    refused(channel, replace(request, headers=()), "without headers")
    proof = [name for name, _ in request.headers if not passes(channel, without(request, name))]
    hold(bool(proof), "no header is needed to prove a message")
    for name in proof:
        value = request.header(name) or ""
        for other, how in (("", "empty"), (value[:-3], "cut"), (value + "AAAA", "longer")):
            refused(channel, with_value(request, name, other), f"with {name} {how}")
        doubled = replace(request, headers=(*request.headers, (name, value)))
        refused(channel, doubled, f"with {name} twice")


def refuses_whoever_knocks_if_it_never_does(subject: Subject) -> None:
    """A channel that sends no webhooks takes none, however they are made."""
    channel = subject.again()
    if channel.caps.push:
        raise NotAsked("it sends webhooks")
    for body in (b"", b"{}", b"\xff\x00", "Łódź".encode()):
        refused(channel, RawRequest((), body), "at a door that it does not use")


def knows_its_messages_apart(subject: Subject) -> None:
    """One message has one key at each delivery, another has another; no signature is kept."""
    channel = subject.again()
    one, other = pushed(subject), pushed(subject)
    key = channel.hint(one).dedupe_key
    hold(subject.again().hint(one).dedupe_key == key, "delivered again, the key differs")
    hold(channel.hint(other).dedupe_key != key, "two orders' messages share a key")
    for body in (b"", b"[]", b"{", b"\xff\x00", "Łódź".encode(), b"[" * 10_000):
        channel.hint(replace(one, body=body))
    kept = " ".join(channel.hint(one).kept_headers.values())
    for name, value in one.headers:
        proves = not passes(channel, with_value(one, name, value[:-3]))
        hold(not (proves and "sign" in name and value in kept), f"it keeps {name}")


def reads_its_orders_by_line(subject: Subject) -> None:
    """An order comes out with its id, its line ids and units, twice the same."""
    channel, sample = subject.again(), subject.double.place()
    body, topic = document(subject, sample)
    hold(channel.wants(topic), f"it does not want {topic!r}")
    order = channel.to_order(body, topic=topic)
    hold(order.external_id == sample.order_id, f"the order is {order.external_id!r}")
    hold(order.channel == channel.code, f"the order is of {order.channel!r}")
    lines = {line.external_id: line.quantity for line in order.lines}
    hold(lines == units(sample), f"the lines are {lines}, not {units(sample)}")
    hold(order.updated_at.tzinfo is not None, "its moments have no zone")
    hold(subject.again().to_order(body, topic=topic) == order, "read again, it differs")


def says_what_is_wrong_with_a_document(subject: Subject) -> None:
    """What is no order is refused as malformed, with the place and the way out."""
    channel = subject.again()
    _, topic = document(subject, subject.double.place())
    for body in (b"", b"[]", b"{}", b"\xff\x00", b'{"id": "\x00"}', b"[" * 10_000):
        try:
            channel.to_order(body, topic=topic)
        except Malformed as error:
            hold(bool(error.remedy), f"{body[:20]!r}: it names no way out")
        except Exception as error:
            raise NotConforming(f"{body[:20]!r} ends in {type(error).__name__}") from error
        else:
            raise NotConforming(f"{body[:20]!r} is read as an order")


def reads_the_official_examples(subject: Subject) -> None:
    """Every official example is read."""
    examples = subject.double.examples()
    if not examples:
        raise NotAsked("no official examples are at hand")
    for example in examples:
        try:
            subject.again().to_order(example.body, topic=example.topic)
        except OmsError as error:
            raise NotConforming(f"{example.name}: {error.message}") from error


def tells_a_fact_once(subject: Subject) -> None:
    """A parcel is told; told again, also after a restart, the buyer sees nothing more."""
    sample = subject.double.place()
    command = parcel(sample)
    answer = subject.again().tell(command)
    hold(isinstance(answer, Accepted) and bool(answer.reference), "it gives no reference")
    seen = list(subject.double.effects(sample.order_id))
    hold(bool(seen), "it says that it told, and nothing arrived")
    again = subject.again().tell(command)
    hold(again.repeated, "told again, it does not know that it was told")
    hold(list(subject.double.effects(sample.order_id)) == seen, "told again, it arrived twice")


def a_lost_answer_has_no_second_effect(subject: Subject) -> None:
    """After a time-out that hid a success, the next attempt leaves one effect."""
    undisturbed, sample = subject.double.place(), subject.double.place()
    subject.again().tell(parcel(undisturbed, number="1Z999AA10000000001"))
    once = len(subject.double.effects(undisturbed.order_id))
    play(subject, Fault.TIMEOUT_AFTER_SUCCESS)
    error = failure(subject, parcel(sample))
    hold(isinstance(error, ChannelUnavailable), f"a lost answer is {error!r}")
    subject.again().tell(parcel(sample))
    now = len(subject.double.effects(sample.order_id))
    hold(now == once, f"after a lost answer there are {now} effects, not {once}")


def comes_back_when_it_is_asked_to(subject: Subject) -> None:
    """A channel that is asked too often says when to come back, and nothing was written."""
    sample = subject.double.place()
    play(subject, Fault.THROTTLE)
    error = failure(subject, parcel(sample))
    hold(isinstance(error, ChannelUnavailable), f"too many requests are {error!r}")
    wait_s = error.facts.get("retry_after_s")
    hold(isinstance(wait_s, int | float) and wait_s > 0, "it does not say when to come back")
    hold(not subject.double.effects(sample.order_id), "it wrote all the same")
    subject.again().tell(parcel(sample))
    hold(bool(subject.double.effects(sample.order_id)), "later, it does not write either")


def tells_a_passing_fault_from_a_final_one(subject: Subject) -> None:
    """A server's fault is worth another attempt, a refusal is not; both leave nothing behind."""
    for fault, kind in ((Fault.FAIL, ChannelUnavailable), (Fault.REFUSE, ChannelRefused)):
        sample = subject.double.place()
        play(subject, fault)
        error = failure(subject, parcel(sample))
        hold(isinstance(error, kind), f"{fault.value} is {error!r}")
        hold(not subject.double.effects(sample.order_id), f"{fault.value} left something")


def a_fact_that_is_turned_down_later_is_not_accepted(subject: Subject) -> None:
    """What was taken with 202 and then failed is refused in the end, never counted as told."""
    sample = subject.double.place()
    play(subject, Fault.LATER_FAILURE)
    for _ in range(20):
        error = failure(subject, parcel(sample))
        if isinstance(error, ChannelRefused):
            break
    else:
        raise NotConforming("it never says that the fact was turned down")
    hold(not subject.double.effects(sample.order_id), "it was turned down and has an effect")


def refuses_for_good_what_it_cannot_tell(subject: Subject) -> None:
    """A kind of fact that the channel's API does not take needs a person, not another attempt."""
    kinds = frozenset(WritebackKind) - subject.again().caps.tells
    if not kinds:
        raise NotAsked("it takes every kind")
    for kind in sorted(kinds):
        error = failure(subject, replace(parcel(subject.double.place()), kind=kind))
        hold(isinstance(error, ChannelRefused), f"{kind.value} is {error!r}")
        hold(bool(error.remedy), f"{kind.value}: it names no way out")


def sets_stock_and_reads_it_back(subject: Subject) -> None:
    """A level that is told is shown, told again it stays, and an unknown article says so alone."""
    channel = subject.again()
    if not channel.caps.stock:
        raise NotAsked("it is not told of stock")
    spot = subject.double.article(7)
    keeper = channel.stock
    places = [place for place in keeper.places(subject.location_codes) if place.id == spot[1]]
    hold(bool(places), f"it has no place {spot[1]!r} for {sorted(subject.location_codes)}")
    figures = keeper.read([spot[0], "no such article"], places)
    hold(figures[spot].quantity == 7, f"it reads {figures[spot].quantity}, not 7")
    command = telling(spot, figures[spot], units=4)
    for attempt in (1, 2):
        turned_down = subject.again().stock.write(command)
        hold(not turned_down, f"it refuses the level: {turned_down}")
        shown = subject.double.units(spot)
        hold(shown == 4, f"told 4 for the {attempt}. time, it shows {shown}")


def is_asked_for_what_it_did_not_tell(subject: Subject) -> None:
    """Orders of which no message came are found by asking, each under the same key every time."""
    channel = subject.again()
    poller = channel.poller
    if poller is None:
        raise NotAsked("it cannot be asked for orders")
    samples = {sample.order_id for sample in (subject.double.place(), subject.double.place())}
    until = clock.now() - poller.lag
    window = Window(until - 2 * _LONG_AGO, until)
    first = asked(poller, window)
    hold(samples <= first.keys(), f"it does not find {sorted(samples - first.keys())}")
    again = subject.again().poller
    hold(again is not None and asked(again, window) == first, "asked again, the keys differ")
    one = next(iter(samples))
    hold(poller.fetch(one).hint.reference == one, f"asked for {one} alone, it gives another")


def keeps_its_secrets(subject: Subject) -> None:
    """No secret of the settings is in an error's words or in the adapter's own."""
    channel = subject.again()
    texts = [repr(channel), str(channel)]
    for fault in (Fault.THROTTLE, Fault.FAIL, Fault.REFUSE):
        if fault in subject.double.faults:
            subject.double.fault(fault)
            error = failure(subject, parcel(subject.double.place()))
            texts += [error.message, str(error.facts), error.remedy or ""]
    for secret in secrets_of(channel):
        hold(not any(secret in text for text in texts), "a secret is in its words")


CHECKS: Final[tuple[Check, ...]] = (
    takes_only_what_is_signed,
    refuses_whoever_knocks_if_it_never_does,
    knows_its_messages_apart,
    reads_its_orders_by_line,
    says_what_is_wrong_with_a_document,
    reads_the_official_examples,
    tells_a_fact_once,
    a_lost_answer_has_no_second_effect,
    comes_back_when_it_is_asked_to,
    tells_a_passing_fault_from_a_final_one,
    a_fact_that_is_turned_down_later_is_not_accepted,
    refuses_for_good_what_it_cannot_tell,
    sets_stock_and_reads_it_back,
    is_asked_for_what_it_did_not_tell,
    keeps_its_secrets,
)
