"""The manual carrier: a flat price, a delivery slip, and scans that staff enter."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from carriers.base import (
    InvalidParcel,
    Label,
    LabelFormat,
    Rate,
    RawRequest,
    Refused,
    Scan,
    Shipment,
    TrackingRef,
    Verdict,
    VoidState,
    require_text,
)
from carriers.labels.drawing import draw
from carriers.labels.sheet import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualConfig:
    """One way of sending parcels by hand; a shop may have several, each with its own code.

    `tracking_url` may hold `{tracking_number}`, for numbers of a carrier that we do not talk to.
    """

    price_minor: int
    currency: str
    code: str = "manual"
    name: str = "Own delivery"
    service: str = "delivery"
    transit_days: int = 1
    tracking_url: str = ""

    def __post_init__(self) -> None:
        if self.price_minor < 0 or self.transit_days < 0:
            raise ValueError(f"carrier {self.code!r}: price and days must not be negative")


class ManualCarrier:
    """Asks nobody and remembers nothing, so every call may be repeated."""

    def __init__(self, config: ManualConfig) -> None:
        self._config = config

    @property
    def code(self) -> str:
        """The carrier's name in settings and stored rows."""
        return self._config.code

    def rate(self, shipment: Shipment) -> list[Rate]:
        """The one flat price."""
        require_text(shipment.recipient, whose="recipient")
        if shipment.parcel.weight_g <= 0:
            raise InvalidParcel(
                f"{shipment.parcel.weight_g} g is no weight", field="parcel.weight_g"
            )
        days = self._config.transit_days
        return [
            Rate(
                carrier=self.code,
                service=self._config.service,
                amount_minor=self._config.price_minor,
                currency=self._config.currency,
                transit_days=days,
                delivery_on=shipment.ship_on + timedelta(days=days),
            )
        ]

    def buy(
        self,
        shipment: Shipment,
        rate: Rate,
        label: LabelFormat,
        key: str,  # noqa: ARG002 - the protocol's: nothing is bought, so nothing is bought twice
    ) -> Label:
        """A delivery slip with the typed tracking number, or with our reference for lack of one.

        Raises `Refused` (`unprintable`) for a number that no barcode can hold.
        """
        (flat,) = self.rate(shipment)
        if (rate.carrier, rate.service) != (flat.carrier, flat.service):
            raise Refused(
                f"{rate.carrier} {rate.service} is not offered; {self.code} offers {flat.service}",
                code="unknown_service",
            )
        typed = shipment.tracking_number.strip()
        number = typed or shipment.reference
        url = (
            self._config.tracking_url.format(tracking_number=quote(number, safe=""))
            if typed
            else ""
        )
        return Label(
            carrier=self.code,
            service=flat.service,
            reference=shipment.reference,
            tracking_number=number,
            tracking_url=url,
            amount_minor=flat.amount_minor,
            currency=flat.currency,
            documents={label: draw(self._slip(shipment, number=number), label)},
        )

    def find(self, reference: str) -> Label | None:  # noqa: ARG002 - the protocol's
        """None: a slip is printed here, so one that was lost is simply printed again."""
        return None

    def void(self, label: Label) -> VoidState:  # noqa: ARG002 - the protocol's
        """Voided at once: nobody was paid."""
        return VoidState.VOIDED

    def track(self, ref: TrackingRef) -> list[Scan]:  # noqa: ARG002 - the protocol's
        """Nothing: staff enter the scans."""
        return []

    def verify(self, request: RawRequest) -> Verdict:  # noqa: ARG002 - the protocol's
        """Never genuine: nobody sends webhooks for it."""
        return Verdict(ok=False, reason=f"carrier {self.code!r} sends no webhooks")

    def scans(self, request: RawRequest) -> list[Scan]:  # noqa: ARG002 - the protocol's
        """Nothing, as no webhook is genuine."""
        return []

    def _slip(self, shipment: Shipment, *, number: str) -> Sheet:
        return Sheet(
            carrier=self._config.name,
            service=self._config.service,
            mark=self._config.service[:1].upper(),
            sender=shipment.sender,
            recipient=shipment.recipient,
            weight_g=shipment.parcel.weight_g,
            ship_on=shipment.ship_on,
            barcode=number,
            barcode_title="TRACKING NUMBER" if shipment.tracking_number.strip() else "REFERENCE",
            reference=shipment.reference,
            notes=shipment.notes,
            footer="Received by:",
        )
