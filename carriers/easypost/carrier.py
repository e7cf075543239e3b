"""EasyPost as a carrier.

It has no idempotency key. A purchase therefore looks first: the shipment is kept under our
reference, found again by it (a shipment can be retrieved by its reference), and bought only if
it is not bought yet. References need not be unique there; a label that was given back keeps its
own, so the purchase after it takes the next of `R`, `R.2`, `R.3`.
"""

import weakref
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import httpx2

from carriers import amounts, http, repeats, signing
from carriers.base import (
    Label,
    LabelFormat,
    ManifestForm,
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
from carriers.checking import chosen, require_carriable, within_limits
from carriers.easypost import client, mapping
from carriers.easypost.config import NO_LIMIT, EasyPostConfig
from carriers.easypost.mapping import ShipmentIn

SIGNATURE_HEADER: Final = "X-Hmac-Signature"
SIGNATURE_PREFIX: Final = "hmac-sha256-hex="


class EasyPostCarrier:
    """Rates, labels, refunds and tracking of one EasyPost account."""

    def __init__(
        self,
        config: EasyPostConfig,
        *,
        production: bool,
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        if production and config.api_key.startswith("EZTK"):
            raise ValueError(
                f"carriers.{config.code}.api_key is a test key; set the production key, EZAK…"
            )
        self._config, self._production = config, production
        auth = (config.api_key, "")
        pace = http.Pace(per_second=config.per_second, burst=config.burst)
        self._line = _line(config, pace, transport=transport, clock=clock, auth=auth)
        self._files = _line(config, pace, transport=transport, clock=clock, auth=None)
        for line in (self._line, self._files):
            weakref.finalize(self, line.client.close)

    @property
    def code(self) -> str:
        """The carrier's name in settings and stored rows."""
        return self._config.code

    def rate(self, shipment: Shipment) -> list[Rate]:
        """Every service of the account's carriers that takes the parcel, cheapest first."""
        require_carriable(shipment)
        body = client.rates(self._line, self._body(shipment))
        return self._offered(mapping.read_rates(body, shipment=shipment, code=self.code), shipment)

    def buy(
        self,
        shipment: Shipment,
        rate: Rate,
        label: LabelFormat,
        key: str,  # noqa: ARG002 - EasyPost knows no keys; our reference takes its place
    ) -> Label:
        """Buy the label, or find the one that was bought for this reference already."""
        require_carriable(shipment)
        kept, reference = self._latest(shipment.reference)
        if kept is None:
            body = self._body(shipment, reference=reference)
            kept = self._read(client.create(self._line, body))
        if not kept.bought:
            kept = self._pay(kept, shipment, rate)
        return self._label(kept, shipment.reference, label)

    def find(self, reference: str) -> Label | None:
        """The live label of our reference, as PDF."""
        kept, _ = self._latest(reference)
        if kept is None or not kept.bought:
            return None
        return self._label(kept, reference, LabelFormat.PDF)

    def void(self, label: Label) -> VoidState:
        """Ask for a refund; carriers take days to grant it. A rejected one may be asked again."""
        kept = self._of_number(label.reference, label.tracking_number)
        if kept.refund_status in (None, "rejected"):
            kept = self._read(client.refund(self._line, kept.id))
        return mapping.VOID_OF_REFUND.get(kept.refund_status, VoidState.PENDING)

    def track(self, ref: TrackingRef) -> list[Scan]:
        """What EasyPost's tracker of the number has seen. Raises `NotFound` without one."""
        found = mapping.read_trackers(
            client.trackers(self._line, ref.tracking_number), code=self.code
        )
        if not found:
            raise NotFound(f"{self.code} has no tracker for {ref.tracking_number!r}")
        return mapping.scans_of(found[0])

    def manifest(
        self,
        labels: Sequence[Label],
        *,
        key: str,  # noqa: ARG002 - EasyPost knows no keys; a shipment knows its form
    ) -> ManifestForm | None:
        """A scan form of those that their carriers want one for; None if none do.

        A shipment is on one form only and knows it, so a form whose answer was lost is found
        again. EasyPost refuses labels dated before today, and those of two carrier accounts.
        """
        kept = [self._of_number(one.reference, one.tracking_number) for one in labels]
        wanted = [one for one in kept if one.sold_by in self._config.manifested]
        if not wanted:
            return None
        missing = [one.id for one in wanted if one.scan_form is None]
        if missing:
            body = client.scan_form(self._line, missing)
        else:
            there = next(one.scan_form.id for one in wanted if one.scan_form is not None)
            body = client.retrieve_scan_form(self._line, there)
        form = mapping.read_scan_form(body, code=self.code)
        if form.status == "failed":
            raise Refused(form.message or "the scan form failed", code="manifest_refused")
        if form.status != "created" or form.form_url is None:
            raise Unavailable(f"{self.code} is still making the scan form {form.id}")
        return ManifestForm(reference=form.id, document=self._files.download(form.form_url))

    def verify(self, request: RawRequest) -> Verdict:
        """Whether EasyPost signed the body with one of our secrets."""
        return signing.verify_hex(
            request,
            header=SIGNATURE_HEADER,
            keys=self._config.webhook_keys,
            prefix=SIGNATURE_PREFIX,
        )

    def scans(self, request: RawRequest) -> list[Scan]:
        """The scans in a tracker event; none in other events."""
        return mapping.read_event(request.body, production=self._production)

    def _body(self, shipment: Shipment, *, reference: str = "") -> dict[str, object]:
        return mapping.shipment_body(
            shipment,
            reference=reference,
            accounts=self._config.carrier_accounts,
            signer=self._config.customs_signer,
        )

    def _offered(self, rates: list[Rate], shipment: Shipment) -> list[Rate]:
        wanted = self._config.services
        if wanted:
            rates = [
                rate
                for rate in rates
                if rate.service in wanted or rate.service.partition("/")[0] in wanted
            ]
        return within_limits(rates, shipment.parcel, self._config.limits, default=NO_LIMIT)

    def _pay(self, kept: ShipmentIn, shipment: Shipment, rate: Rate) -> ShipmentIn:
        """Buy the kept shipment's label at today's price of the service that was chosen."""
        if rate.carrier != self.code:
            chosen([], rate, carrier=self.code)
        if not kept.rates:
            kept = self._read(client.rerate(self._line, kept.id))
        prices = {one.name: one for one in sorted(kept.rates, key=lambda one: -float(one.rate))}
        offered = [
            mapping.rate_of(one, shipment=shipment, code=self.code) for one in prices.values()
        ]
        taken = chosen(self._offered(offered, shipment), rate, carrier=self.code)
        return self._read(client.buy(self._line, kept.id, prices[taken.service].id))

    def _latest(self, reference: str) -> tuple[ShipmentIn | None, str]:
        """The shipment of our reference that is not given back, and the reference it has there."""
        return repeats.latest(reference, self._kept_under, given_back=lambda kept: kept.given_back)

    def _kept_under(self, reference: str) -> ShipmentIn | None:
        found = client.retrieve(self._line, reference)
        return None if found is None else self._read(found)

    def _of_number(self, reference: str, tracking_number: str) -> ShipmentIn:
        for kept in repeats.purchases(reference, self._kept_under):
            if kept.tracking_code == tracking_number:
                return kept
        raise NotFound(f"{self.code} has no label {tracking_number!r} under {reference}")

    def _label(self, kept: ShipmentIn, reference: str, kind: LabelFormat) -> Label:
        paid = kept.selected_rate
        if paid is None or kept.postage_label is None or not kept.tracking_code:
            raise Unavailable(f"{self.code} shows no purchase for {reference} yet")
        url = kept.postage_label.url(kind)
        if url is None:
            kept = self._read(client.convert(self._line, kept.id, kind))
            url = kept.postage_label.url(kind) if kept.postage_label else None
        if url is None:
            raise Unavailable(f"{self.code} has no {kind.value} of {reference} yet")
        return Label(
            carrier=self.code,
            service=paid.name,
            reference=reference,
            tracking_number=kept.tracking_code or "",
            tracking_url=kept.tracker.public_url if kept.tracker else "",
            amount_minor=amounts.minor(paid.rate, paid.currency),
            currency=paid.currency,
            documents={kind: self._files.download(url)},
        )

    def _read(self, body: object) -> ShipmentIn:
        return mapping.read_shipment(body, code=self.code)


def _line(
    config: EasyPostConfig,
    pace: http.Pace,
    *,
    transport: httpx2.BaseTransport | None,
    clock: Callable[[], datetime],
    auth: tuple[str, str] | None,
) -> http.Line:
    """A connection with our key, or without it: labels lie on another host."""
    return http.Line(
        client=http.client(
            base_url=config.base_url,
            timeout_s=config.timeout_s,
            transport=transport,
            auth=auth,
        ),
        carrier=config.code,
        base_url=config.base_url,
        setting=f"carriers.{config.code}.api_key",
        told=mapping.told,
        pace=pace,
        secrets=(config.api_key,),
        clock=clock,
    )
