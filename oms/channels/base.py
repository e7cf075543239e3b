"""What every channel adapter offers: proof of origin, translation, and writing back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from oms.channels.models import WritebackKind
from oms.channels.stock import Figure, Place, Refusal, Spot, Telling
from oms.connections import ChannelSettings
from oms.errors import OmsError
from oms.orders.new_order import NewOrder


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request exactly as it came. Header names are lower-case; a repeated one is repeated."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header that came once; None if it is missing or came repeatedly.

        A header that two parties could read differently is as good as none.
        """
        values = [value for key, value in self.headers if key == name.lower()]
        return values[0] if len(values) == 1 else None


class BadSignature(OmsError):
    """The request does not prove where it comes from. `field` names the header."""

    code = "bad_signature"


class TooLarge(OmsError):
    """The body is beyond the limit; it was not read to its end."""

    code = "body_too_large"


class Malformed(OmsError):
    """The document cannot be read as an order. `field` names the place in it."""

    code = "malformed_order"


class UnknownStore(Malformed):
    """The pickup store is none that this channel's settings map to a location of ours."""

    code = "unknown_store"


@dataclass(frozen=True, slots=True)
class Hint:
    """What a message is about, read from its headers and, where need be, its body.

    `dedupe_key` is the same for each delivery of the same event and for no other event.
    `kept_headers` are those worth storing; never a signature.
    """

    dedupe_key: str
    topic: str
    reference: str
    occurred_at: datetime | None
    kept_headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """An order's document as the channel gave it when it was asked for it.

    It goes into the inbox under its hint, as a message does that the channel sent by itself.
    """

    hint: Hint
    body: bytes
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time of which every changed order is asked for."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a window's orders. `token` fetches the next part; empty at the end."""

    found: tuple[Found, ...]
    token: str = ""


@dataclass(frozen=True, slots=True)
class Caps:
    """What a channel can do; what it cannot is neither asked of it nor missed."""

    push: bool
    """It sends signed webhooks to our door."""
    stock: bool
    """It is told what may be sold."""
    tells: frozenset[WritebackKind]
    """Facts that its API takes; any other is refused for good, so that a person looks."""


@dataclass(frozen=True, slots=True)
class ToldLine:
    """Part of an order line: the channel's line id and a number of units."""

    external_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class WritebackCommand:
    """One fact to tell a channel. `key` is the same at every attempt."""

    kind: WritebackKind
    key: str
    order_external_id: str
    order_number: str
    occurred_at: datetime
    lines: tuple[ToldLine, ...]
    location_code: str | None = None
    location_name: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    pick_up_by: datetime | None = None
    amount_minor: int = 0
    """Of a refund: what the channel is to give back, in `currency`."""
    shipping_minor: int = 0
    """How much of the amount is shipping."""
    currency: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The channel has the fact. `reference` is its own id for it, if it gave one.

    `repeated` says that it had the fact already and nothing was written again.
    """

    reference: str
    repeated: bool = False


class ChannelRefused(OmsError):
    """The channel says no, and will say so again; a person must look."""

    code = "channel_refused"


class ChannelUnavailable(OmsError):
    """The channel did not answer, or asks us to come back; `facts["retry_after_s"]` if it said.

    After it, nobody knows whether the fact arrived: `tell` looks before it writes again.
    """

    code = "channel_unavailable"


class StockKeeper(Protocol):
    """A channel's stock figures. All but `most` do HTTP and raise as `Channel.tell` does."""

    def places(self, codes: Collection[str]) -> Sequence[Place]:
        """Where the channel keeps stock of our locations `codes`."""

    def most(self, places: Sequence[Place]) -> int:
        """How many articles may be read at once without exhausting the channel's patience."""

    def read(self, skus: Collection[str], places: Sequence[Place]) -> Mapping[Spot, Figure]:
        """The channel's own figures; an article that it does not know is left out."""

    def write(self, telling: Telling) -> Mapping[Spot, Refusal]:
        """Set the levels; answers which were not set. All others are."""


class Poller(Protocol):
    """A channel that can be asked for its orders. Both do HTTP and raise as `Channel.tell` does."""

    @property
    def lag(self) -> timedelta:
        """How long after a change the channel is sure to show it."""

    def page(self, window: Window, token: str) -> Page:
        """Orders changed within the window, or the part of them that a token stands for.

        An order may come twice, and may have changed again since; none is left out.
        """

    def fetch(self, reference: str) -> Found:
        """One order as it is now."""


class Subscriptions(Protocol):
    """A channel whose webhooks can be looked at. It does HTTP and raises as `Channel.tell` does."""

    def mend(self, url: str) -> Sequence[str]:
        """See that the channel sends all it should to `url`; in words, what was mended."""


class Channel(Protocol):
    """One configured channel. `verify`, `hint` and `to_order` are pure; `tell` does HTTP."""

    @property
    def code(self) -> str:
        """The channel's name in the settings and in our tables."""

    @property
    def settings(self) -> ChannelSettings:
        """How it is configured."""

    @property
    def caps(self) -> Caps:
        """What it can do."""

    def verify(self, request: RawRequest, *, now: datetime) -> None:
        """Raise `BadSignature` unless one of the active secrets signed these very bytes."""

    def hint(self, request: RawRequest) -> Hint:
        """What the message is about; never raises for a body it cannot read."""

    def wants(self, topic: str) -> bool:
        """Whether messages of this topic carry an order; others are stored and ignored."""

    def to_order(self, body: bytes, *, topic: str) -> NewOrder:
        """Translate a message body. Raises `Malformed` or `UnknownStore`."""

    def tell(self, command: WritebackCommand) -> Accepted:
        """Write one fact back, once: look for it first where the other side has no key.

        Raises `ChannelRefused` (final) or `ChannelUnavailable` (try again).
        """

    @property
    def stock(self) -> StockKeeper:
        """The channel as a keeper of stock figures."""

    @property
    def poller(self) -> Poller | None:
        """The channel as one that can be asked for its orders; None if it cannot."""

    @property
    def subscriptions(self) -> Subscriptions | None:
        """The channel's webhooks; None if they are set up by hand alone."""


def active_secrets(settings: ChannelSettings) -> Sequence[bytes]:
    """The secrets that may have signed a message now."""
    return [secret.get_secret_value().encode() for secret in settings.secrets]
