"""Tell WooCommerce what became of an order, once, by looking before writing."""

import html
from typing import Final

from oms.channels.base import Accepted, ChannelRefused, ChannelUnavailable, WritebackCommand
from oms.channels.models import WritebackKind
from oms.channels.woocommerce import client, facts
from oms.channels.woocommerce.mapping import CANCELLED
from oms.connections import ChannelSettings
from oms.money import to_decimal

_ROUNDS: Final = 4


def tell(
    command: WritebackCommand, *, channel: str, settings: ChannelSettings, timeout_s: float
) -> Accepted:
    """Write one fact onto the order: our record, tracking, status, then the note.

    An answer may be lost after either of the two writes. The next attempt finds the record,
    and then asks for the notes to see whether the second write is missing.
    """
    order_id = command.order_external_id
    with client.connected(channel, settings, timeout_s=timeout_s) as api:
        if command.kind is WritebackKind.REFUNDED:
            return _refund(api, command)
        order = client.order(api, order_id)
        if command.kind is WritebackKind.CANCELLED:
            if order.get("status") in CANCELLED and not facts.has(order, command):
                return Accepted(reference=order_id, repeated=True)
            if order.get("status") == "completed":
                raise ChannelRefused(
                    "the shop has the order as completed",
                    remedy="settle it at the shop by hand",
                )
        repeated = facts.has(order, command)
        _settle(api, order, command)
        text = facts.note(command)
        if repeated and any(_same(text, note) for note in client.notes(api, order_id)):
            return Accepted(reference=facts.told_key(command), repeated=True)
        client.add_note(api, order_id, text, to_customer=facts.for_customer(command))
        return Accepted(reference=facts.told_key(command))


def _refund(api: client.Api, command: WritebackCommand) -> Accepted:
    """Let the shop's gateway give the money back, unless a refund with our key is there.

    Goods are not restocked: where they are is for us to say, and we publish it. The reason says
    which refund it is, because the API knows no idempotency key.
    """
    for known in client.refunds(api, command.order_external_id):
        if command.key in str(known.get("reason", "")):
            return Accepted(reference=str(known.get("id", "")), repeated=True)
    made = client.refund(
        api,
        command.order_external_id,
        {
            "amount": to_decimal(command.amount_minor, currency=command.currency),
            "reason": facts.note(command),
            "api_refund": True,
            "api_restock": False,
        },
    )
    return Accepted(reference=str(made.get("id", "")))


def _settle(api: client.Api, order: client.Json, command: WritebackCommand) -> None:
    """Write until the order shows all that was told.

    The API replaces values blindly, so another parcel's telling at the same moment may undo
    part of ours; what the shop answers shows it, and one more write repairs it.
    """
    for _ in range(_ROUNDS):
        changes = facts.wanted(order, command)
        if not changes:
            return
        order = client.update(api, command.order_external_id, changes)
    if facts.wanted(order, command):
        raise ChannelUnavailable("the order at the shop does not keep what we write")


def _same(text: str, note: str) -> bool:
    """Whether a note is ours; WordPress may have escaped it."""
    return html.unescape(note).split() == text.split()
