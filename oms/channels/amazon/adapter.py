"""Amazon behind the `Channel` protocol."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from oms.channels.amazon import mapping, telling
from oms.channels.amazon.polling import AmazonPoller
from oms.channels.amazon.stock import NoStock
from oms.channels.base import Accepted, BadSignature, Caps, Hint, RawRequest, WritebackCommand
from oms.channels.hints import body_digest, key_of
from oms.channels.rates import Gate, SharedGate
from oms.connections import ChannelSettings
from oms.orders.new_order import NewOrder


@dataclass(frozen=True, slots=True)
class Amazon:
    """One seller in one region of Amazon."""

    code: str
    settings: ChannelSettings
    timeout_s: float = 20.0
    gate: Gate | None = field(default=None, compare=False)
    """Without one, the rates are shared through the database."""

    @property
    def caps(self) -> Caps:
        """Orders come by asking or through a queue; stock and refunds stay in Seller Central."""
        return Caps(push=False, stock=False, tells=telling.TELLS)

    def verify(self, request: RawRequest, *, now: datetime) -> NoReturn:  # noqa: ARG002 - none is right
        """Raise `BadSignature`: Amazon sends nothing to our door, so whoever knocks is another."""
        raise BadSignature(
            "Amazon sends no webhooks; its notifications come through a queue",
            field="channel",
            remedy=f"set channels.{self.code}.selling_partner.queue",
        )

    def hint(self, request: RawRequest) -> Hint:
        """A hint that stands for nothing; see `verify`."""
        return Hint(key_of("request", body_digest(request.body)), "", "", None, {})

    def wants(self, topic: str) -> bool:
        """Whether messages of this topic carry an order; notifications only name one."""
        return topic in (mapping.ORDER, mapping.BY_AMAZON)

    def to_order(self, body: bytes, *, topic: str) -> NewOrder:  # noqa: ARG002 - the order says who fulfils it
        """Translate an order of the API."""
        return mapping.to_order(body, channel=self.code, settings=self.settings)

    def tell(self, command: WritebackCommand) -> Accepted:
        """Write one fact back, once."""
        return telling.tell(
            command,
            channel=self.code,
            settings=self.settings,
            gate=self._gate(),
            timeout_s=self.timeout_s,
        )

    @property
    def stock(self) -> NoStock:
        """No figures."""
        return NoStock(self.code)

    @property
    def poller(self) -> AmazonPoller:
        """The seller's orders."""
        return AmazonPoller(self.code, self.settings, self._gate(), self.timeout_s)

    @property
    def subscriptions(self) -> None:
        """None: they are set up by hand."""
        return None

    def _gate(self) -> Gate:
        return self.gate or SharedGate(self.code)
