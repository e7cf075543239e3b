"""The simulated carrier, for demonstrations and tests."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from carriers.base import (
    Label,
    LabelFormat,
    ManifestForm,
    Rate,
    RawRequest,
    Refused,
    Scan,
    ScanCode,
    Shipment,
    TrackingRef,
    Verdict,
    VoidState,
    in_order,
    utc_now,
)
from carriers.labels.drawing import draw
from carriers.labels.sheet import Sheet
from carriers.simulated import numbers, webhook
from carriers.simulated.config import SimulatedConfig
from carriers.simulated.ledger import Ledger, Sale
from carriers.simulated.rates import SERVICES, Quote, quotes
from carriers.simulated.schedule import planned_scans

_FOOTER: Final = "SIMULATED · NOT VALID FOR CARRIAGE"
_MARKS: Final = {service.code: service.mark for service in SERVICES}


class SimulatedCarrier:
    """A carrier that sells labels which nobody carries.

    Prices, numbers, labels and scans follow from their inputs alone, so that repeated and
    interrupted calls come to the same end in any process. Raises `ValueError` in production.
    """

    def __init__(
        self,
        config: SimulatedConfig,
        *,
        production: bool,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        if production:
            raise ValueError(
                f"carrier {config.code!r} is simulated and moves no parcel;"
                " configure a real carrier or the manual one for production"
            )
        self._config = config
        self._clock = clock
        self._ledger = Ledger(config.ledger)

    @property
    def code(self) -> str:
        """The carrier's name in settings and stored rows."""
        return self._config.code

    def rate(self, shipment: Shipment) -> list[Rate]:
        """Every service that goes there, cheapest first; it carries on every day of the week."""
        return [
            Rate(
                carrier=self.code,
                service=quote.service.code,
                amount_minor=quote.amount_minor,
                currency=self._config.currency,
                transit_days=quote.transit_days,
                delivery_on=shipment.ship_on + timedelta(days=quote.transit_days),
            )
            for quote in quotes(shipment)
        ]

    def buy(self, shipment: Shipment, rate: Rate, label: LabelFormat, key: str) -> Label:
        """Sell a label at today's price. The same key gives the same label again.

        Raises `Refused`: `key_reused` when the key bought something else, `label_voided` when
        its label was given back, `unknown_service` when the rate is not one of ours.
        """
        quote = self._quote(shipment, rate)
        wanted = Sale(
            key=key,
            shipment=shipment,
            service=quote.service.code,
            tracking_number=numbers.tracking_number(
                seed=self._config.seed,
                key=key,
                service_digit=quote.service.digit,
                zone=quote.zone,
            ),
            amount_minor=quote.amount_minor,
            label=label,
        )
        sold = self._ledger.record(wanted)
        if _subject(sold) != _subject(wanted):
            raise Refused(f"key {key!r} has bought another label already", code="key_reused")
        if self._ledger.voided_at(sold.tracking_number):
            raise Refused(
                f"the label bought with key {key!r} is void; buy again with a new key",
                code="label_voided",
            )
        return self._label(sold, label)

    def find(self, reference: str) -> Label | None:
        """The newest live label for our reference, in the format first asked for."""
        sale = self._ledger.live_sale(reference)
        return self._label(sale, sale.label) if sale else None

    def void(self, label: Label) -> VoidState:
        """Take a label back; it stays pending as long as the configuration says."""
        numbers.read(label.tracking_number)
        now = self._clock()
        since = self._ledger.void(label.tracking_number, at=now)
        if since and now - since < self._config.void_takes:
            return VoidState.PENDING
        return VoidState.VOIDED

    def track(self, ref: TrackingRef) -> list[Scan]:
        """The scans up to now. Nothing moves before the hand-over, nor after a void."""
        numbers.read(ref.tracking_number)
        scans = []
        voided_at = self._ledger.voided_at(ref.tracking_number)
        if ref.bought_at:
            scans.append(_scan(ref, "00", ScanCode.LABEL_CREATED, at=ref.bought_at))
        if voided_at:
            scans.append(_scan(ref, "99", ScanCode.VOIDED, at=voided_at))
        elif ref.handed_over_at:
            scans += planned_scans(
                self._config,
                tracking_number=ref.tracking_number,
                handed_over_at=ref.handed_over_at,
            )
        now = self._clock()
        return in_order(scan for scan in scans if scan.at <= now)

    def manifest(self, labels: Sequence[Label], *, key: str) -> ManifestForm | None:
        """A form whose number follows from the key, as its carrier would name it.

        Raises `NotFound` for a number that is not one of ours, `Refused` for one that is void.
        """
        for label in labels:
            numbers.read(label.tracking_number)
            if self._ledger.voided_at(label.tracking_number):
                raise Refused(f"label {label.tracking_number} is void", code="label_voided")
        seeded = f"{self._config.seed}:{key}".encode()
        return ManifestForm(
            reference=f"SIMM{int(hashlib.sha256(seeded).hexdigest()[:12], 16):015d}"
        )

    def verify(self, request: RawRequest) -> Verdict:
        """Whether one of the configured secrets signed the body."""
        return webhook.verify(request, secrets=self._config.webhook_secrets)

    def scans(self, request: RawRequest) -> list[Scan]:
        """The scans in a pushed body."""
        return webhook.read_scans(request)

    def _quote(self, shipment: Shipment, rate: Rate) -> Quote:
        offered = {quote.service.code: quote for quote in quotes(shipment)}
        if rate.carrier != self.code or rate.service not in offered:
            raise Refused(
                f"{rate.carrier} {rate.service} is not offered for this parcel;"
                f" {self.code} offers {', '.join(offered)}",
                code="unknown_service",
            )
        return offered[rate.service]

    def _label(self, sale: Sale, label: LabelFormat) -> Label:
        return Label(
            carrier=self.code,
            service=sale.service,
            reference=sale.shipment.reference,
            tracking_number=sale.tracking_number,
            tracking_url=self._config.tracking_url.format(tracking_number=sale.tracking_number),
            amount_minor=sale.amount_minor,
            currency=self._config.currency,
            documents={label: draw(self._sheet(sale), label)},
        )

    def _sheet(self, sale: Sale) -> Sheet:
        shipment = sale.shipment
        return Sheet(
            carrier=self._config.name,
            service=sale.service,
            mark=_MARKS[sale.service],
            sender=shipment.sender,
            recipient=shipment.recipient,
            weight_g=shipment.parcel.weight_g,
            ship_on=shipment.ship_on,
            barcode=sale.tracking_number,
            barcode_title="TRACKING NUMBER",
            reference=shipment.reference,
            notes=shipment.notes,
            footer=_FOOTER,
        )


def _subject(sale: Sale) -> tuple[object, ...]:
    """What a key was spent on. Not the date: a retry after midnight carries a later one."""
    shipment = sale.shipment
    return (shipment.reference, shipment.recipient, shipment.parcel, sale.service)


def _scan(ref: TrackingRef, suffix: str, code: ScanCode, *, at: datetime) -> Scan:
    return Scan(
        id=f"{ref.tracking_number}-{suffix}",
        tracking_number=ref.tracking_number,
        code=code,
        at=at,
    )
