"""Amazon's stock figures: none are told, for want of a contract of its Listings API."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from oms.channels.base import ChannelRefused
from oms.channels.stock import Figure, Place, Refusal, Spot, Telling


@dataclass(frozen=True, slots=True)
class NoStock:
    """A channel that keeps no figures of ours."""

    channel: str

    def places(self, codes: Collection[str]) -> Sequence[Place]:  # noqa: ARG002 - none for any
        """No place."""
        return []

    def most(self, places: Sequence[Place]) -> int:  # noqa: ARG002 - likewise
        """At least one, as for every keeper."""
        return 1

    def read(self, skus: Collection[str], places: Sequence[Place]) -> Mapping[Spot, Figure]:  # noqa: ARG002 - likewise
        """No figure."""
        return {}

    def write(self, telling: Telling) -> Mapping[Spot, Refusal]:  # noqa: ARG002 - likewise
        """Refuse: nobody should ask."""
        raise ChannelRefused(
            f"{self.channel} is not told of stock",
            field=f"channels.{self.channel}.publish_stock",
            remedy="keep the figures in Seller Central",
        )
