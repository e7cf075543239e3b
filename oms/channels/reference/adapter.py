"""The reference channel behind the `Channel` protocol."""

from dataclasses import dataclass
from datetime import datetime

from oms.channels.base import Accepted, Caps, Hint, RawRequest, WritebackCommand
from oms.channels.models import WritebackKind
from oms.channels.reference import client, mapping, signature
from oms.channels.reference.polling import ReferencePoller
from oms.channels.reference.stock import ReferenceStock
from oms.connections import ChannelSettings
from oms.orders.new_order import NewOrder


@dataclass(frozen=True, slots=True)
class Reference:
    """One's own web shop, till, kiosk or phone desk."""

    code: str
    settings: ChannelSettings
    timeout_s: float = 20.0

    @property
    def caps(self) -> Caps:
        """Everything."""
        return Caps(push=True, stock=True, tells=frozenset(WritebackKind))

    def verify(self, request: RawRequest, *, now: datetime) -> None:
        """Raise `BadSignature` unless an active key signed these bytes just now."""
        signature.verify(request, keys=self.keys(), now=now)

    def hint(self, request: RawRequest) -> Hint:
        """What the message is about."""
        return signature.hint(request)

    def wants(self, topic: str) -> bool:
        """Whether messages of this topic carry an order."""
        return topic in mapping.TOPICS

    def to_order(self, body: bytes, *, topic: str) -> NewOrder:  # noqa: ARG002 - the body names its topic, signed
        """Translate a message body."""
        return mapping.to_order(body, channel=self.code, settings=self.settings)

    def tell(self, command: WritebackCommand) -> Accepted:
        """Post one fact, under a key by which the receiver knows it again."""
        return client.tell(
            command,
            channel=self.code,
            settings=self.settings,
            keys=self.keys(),
            timeout_s=self.timeout_s,
        )

    @property
    def stock(self) -> ReferenceStock:
        """The channel as a keeper of stock figures."""
        return ReferenceStock(self.code, self.settings, self.keys(), self.timeout_s)

    @property
    def poller(self) -> ReferencePoller:
        """The channel as one that can be asked for its orders."""
        return ReferencePoller(self.code, self.settings, self.keys(), self.timeout_s)

    @property
    def subscriptions(self) -> None:
        """None: they are set up by hand."""
        return None

    def keys(self) -> list[bytes]:
        """The keys that sign and verify. Raises `Invalid` for a secret that is none."""
        return [
            signature.key_from(
                secret.get_secret_value(), field=f"channels.{self.code}.secrets[{index}]"
            )
            for index, secret in enumerate(self.settings.secrets)
        ]
