"""Sendcloud as a carrier.

`external_reference_id` is unique there and a repeat is answered 409, so a purchase is safe to
repeat; it is still looked for first, because the second answer does not hold the label. A
cancelled shipment keeps its reference; `carriers.repeats` says what the next one has.
"""

import weakref
from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx2

from carriers import http, repeats, signing
from carriers.base import (
    Label,
    LabelFormat,
    NotFound,
    Rate,
    RawRequest,
    Refused,
    Scan,
    Shipment,
    TrackingRef,
    Unavailable,
    Verdict,
    VoidState,
    utc_now,
)
from carriers.checking import Limit, by_contract, chosen, require_carriable, within_limits
from carriers.sendcloud import client, mapping, requests
from carriers.sendcloud.config import SendcloudConfig
from carriers.sendcloud.mapping import ShipmentIn

SIGNATURE_HEADER: Final = "Sendcloud-Signature"
_CONFLICT: Final = 409


class SendcloudCarrier:
    """Options, labels, cancellations and tracking of one Sendcloud integration."""

    def __init__(
        self,
        config: SendcloudConfig,
        *,
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._config = config
        self._line = http.Line(
            client=http.client(
                base_url=config.base_url,
                timeout_s=config.timeout_s,
                transport=transport,
                auth=(config.public_key, config.secret_key),
            ),
            carrier=config.code,
            base_url=config.base_url,
            setting=f"carriers.{config.code}.secret_key",
            told=mapping.told,
            pace=http.Pace(per_second=config.per_second, burst=config.burst),
            secrets=(config.secret_key, config.public_key),
            clock=clock,
        )
        weakref.finalize(self, self._line.client.close)

    @property
    def code(self) -> str:
        """The carrier's name in settings and stored rows."""
        return self._config.code

    def rate(self, shipment: Shipment) -> list[Rate]:
        """The shipping options that have a price, cheapest first.

        Raises `Refused` (`no_price`) naming the options if there are some and none has one.
        """
        require_carriable(shipment)
        body = client.options(self._line, requests.options_body(shipment))
        rates = mapping.read_options(body, shipment=shipment, code=self.code)
        unpriced = mapping.read_unpriced(body, code=self.code)
        if unpriced and not rates:
            raise Refused(
                f"{self.code} names no price for {', '.join(unpriced[:5])}; give it a rate sheet",
                code="no_price",
            )
        if self._config.services:
            rates = [rate for rate in rates if rate.service in self._config.services]
        return within_limits(rates, shipment.parcel, self._config.limits, default=Limit(weight_g=0))

    def buy(
        self,
        shipment: Shipment,
        rate: Rate,
        label: LabelFormat,
        key: str,  # noqa: ARG002 - our reference is the key there
    ) -> Label:
        """Announce the shipment, or find the one that was announced for this reference already."""
        require_carriable(shipment)
        taken = rate
        if not by_contract(rate, carrier=self.code):
            taken = chosen(self.rate(shipment), rate, carrier=self.code)
        kept, reference = self._latest(shipment.reference)
        if kept is None:
            kept = self._announce(shipment, taken.service, reference, label)
        return self._label(kept, shipment.reference, label, price=taken)

    def find(self, reference: str) -> Label | None:
        """The live label of our reference, as PDF; Sendcloud does not say what it cost."""
        kept, _ = self._latest(reference)
        if kept is None or not kept.parcel.tracking_number:
            return None
        return self._label(kept, reference, LabelFormat.PDF, price=None)

    def void(self, label: Label) -> VoidState:
        """Ask for the shipment to be cancelled; some carriers take their time, some refuse."""
        kept = self._of_number(label)
        if kept.void is not None:
            return kept.void
        answer = client.cancel(self._line, kept.id)
        if answer.status == _CONFLICT:
            return self._of_number(label).void or VoidState.REFUSED
        return mapping.read_cancellation(self._line.require_success(answer), code=self.code)

    def track(self, ref: TrackingRef) -> list[Scan]:
        """What Sendcloud has seen of the parcel."""
        body = client.tracked(self._line, ref.tracking_number)
        return mapping.read_tracked(body, ref.tracking_number, code=self.code)

    def verify(self, request: RawRequest) -> Verdict:
        """Whether Sendcloud signed the body with one of our secrets."""
        keys = [secret.encode() for secret in self._config.webhook_secrets]
        return signing.verify_hex(request, header=SIGNATURE_HEADER, keys=keys)

    def scans(self, request: RawRequest) -> list[Scan]:
        """The scan in a change of status; none in other events."""
        return mapping.read_pushed(request.body)

    def _announce(
        self, shipment: Shipment, service: str, reference: str, label: LabelFormat
    ) -> ShipmentIn:
        body = requests.announce_body(shipment, service=service, reference=reference, label=label)
        answer = client.announce(self._line, body)
        if answer.status == _CONFLICT:  # somebody announced it since we looked
            kept = self._under(reference)
            if kept is not None:
                return kept
        return mapping.read_shipment(self._line.require_success(answer), code=self.code)

    def _latest(self, reference: str) -> tuple[ShipmentIn | None, str]:
        return repeats.latest(reference, self._under, given_back=lambda kept: kept.void is not None)

    def _under(self, reference: str) -> ShipmentIn | None:
        body = client.of_reference(self._line, reference)
        found = mapping.read_shipments(body, code=self.code)
        return found[0] if found else None

    def _of_number(self, label: Label) -> ShipmentIn:
        for kept in repeats.purchases(label.reference, self._under):
            if kept.parcel.tracking_number == label.tracking_number:
                return kept
        raise NotFound(
            f"{self.code} has no label {label.tracking_number!r} under {label.reference}"
        )

    def _label(
        self, kept: ShipmentIn, reference: str, kind: LabelFormat, *, price: Rate | None
    ) -> Label:
        if not kept.parcel.tracking_number:
            raise Unavailable(f"{self.code} has no tracking number for {reference} yet")
        return Label(
            carrier=self.code,
            service=kept.service or (price.service if price else ""),
            reference=reference,
            tracking_number=kept.parcel.tracking_number,
            tracking_url=kept.parcel.tracking_url or "",
            amount_minor=price.amount_minor if price else None,
            currency=price.currency if price else "",
            documents={kind: client.label(self._line, kept.parcel.id, kind)},
        )
