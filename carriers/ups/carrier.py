"""UPS as a carrier.

Buying has no idempotency key. A purchase therefore looks first: Label Recovery finds a label by
our reference, and only if it knows none is one bought.
"""

import logging
import weakref
from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx2

from carriers import http, signing
from carriers.base import (
    CarrierError,
    Label,
    LabelFormat,
    NotFound,
    Rate,
    RawRequest,
    Refused,
    Scan,
    Shipment,
    TrackingRef,
    Verdict,
    VoidState,
    utc_now,
)
from carriers.checking import by_contract, chosen, exceeds, require_carriable, within_limits
from carriers.ups import mapping, requests
from carriers.ups.client import Client
from carriers.ups.config import LIMIT, UpsConfig

CREDENTIAL_HEADER: Final = "Authorization"
CREDENTIAL_PREFIX: Final = "Bearer "
FIRST_VERSION_HEADER: Final = "credential"
_TRACKING_URL: Final = "https://www.ups.com/track?tracknum={}"
_log = logging.getLogger(__name__)


class UpsCarrier:
    """Rates, labels, voids and tracking of one UPS account."""

    def __init__(
        self,
        config: UpsConfig,
        *,
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._config = config
        line = http.Line(
            client=http.client(
                base_url=config.base_url, timeout_s=config.timeout_s, transport=transport
            ),
            carrier=config.code,
            base_url=config.base_url,
            setting=f"carriers.{config.code}.client_secret",
            told=mapping.told,
            pace=http.Pace(per_second=config.per_second, burst=config.burst),
            secrets=(config.client_secret, config.client_id, config.account),
            clock=clock,
        )
        weakref.finalize(self, line.client.close)
        self._client = Client(
            line, client_id=config.client_id, client_secret=config.client_secret, clock=clock
        )

    @property
    def code(self) -> str:
        """The carrier's name in settings and stored rows."""
        return self._config.code

    def rate(self, shipment: Shipment) -> list[Rate]:
        """Every service that takes the parcel, at the account's negotiated price."""
        require_carriable(shipment)
        # Its own limits are known, so that no call is spent on what UPS would refuse.
        if fault := exceeds(shipment.parcel, LIMIT):
            raise Refused(fault, code="too_large", field="parcel")
        body = self._client.rates(requests.rate_body(shipment, account=self._config.account))
        rates = mapping.read_rates(body, shipment=shipment, code=self.code)
        wanted = self._config.services
        if wanted:
            rates = [rate for rate in rates if _code_of(rate) in wanted or rate.service in wanted]
        return within_limits(rates, shipment.parcel, self._config.limits, default=LIMIT)

    def buy(
        self,
        shipment: Shipment,
        rate: Rate,
        label: LabelFormat,
        key: str,  # noqa: ARG002 - UPS knows no keys; our reference takes its place
    ) -> Label:
        """Buy the label, or find the one that was bought for this reference already."""
        require_carriable(shipment)
        taken = rate
        if not by_contract(rate, carrier=self.code):
            taken = chosen(self.rate(shipment), rate, carrier=self.code)
        found = self._recover(kind=label, reference=shipment.reference)
        if found is not None:
            return self._label(shipment.reference, *found, label, paid=taken)
        body = requests.ship_body(shipment, service=_code_of(taken), account=self._config.account)
        bought = mapping.read_shipped(self._client.ship(body), code=self.code)
        self._subscribe(bought.number)
        content = bought.zpl
        if label is not LabelFormat.ZPL:
            again = self._recover(kind=label, tracking_number=bought.number)
            if again is None:
                raise NotFound(f"{self.code} does not give back the label {bought.number}")
            content = again[1]
        return self._label(shipment.reference, bought.number, content, label, paid=taken)

    def find(self, reference: str) -> Label | None:
        """The live label of our reference, as PDF; UPS says neither service nor price again."""
        found = self._recover(kind=LabelFormat.PDF, reference=reference)
        if found is None:
            return None
        return self._label(reference, *found, LabelFormat.PDF, paid=None)

    def void(self, label: Label) -> VoidState:
        """Give the label back. UPS decides at once; what has moved is refused."""
        answer = self._client.void(label.tracking_number)
        if 200 <= answer.status < 300:
            body = self._client.line.require_success(answer)
            done = mapping.read_void(body, code=self.code)
            return VoidState.VOIDED if done else VoidState.REFUSED
        words = mapping.told(answer.json())
        if mapping.says_voided(words):
            return VoidState.VOIDED
        error = self._client.line.refusal(answer)
        if isinstance(error, Refused):
            return VoidState.REFUSED
        raise error

    def track(self, ref: TrackingRef) -> list[Scan]:
        """What UPS has seen of the parcel."""
        body = self._client.track(ref.tracking_number)
        return mapping.read_tracked(body, ref.tracking_number, code=self.code)

    def verify(self, request: RawRequest) -> Verdict:
        """Whether a push carries our credential: UPS signs nothing, it shows what we gave it.

        Version 1 of Track Alert shows it as `credential`, version 2 as a bearer token.
        """
        secrets = self._config.webhook_secrets
        if request.header_values(FIRST_VERSION_HEADER):
            return signing.verify_token(request, header=FIRST_VERSION_HEADER, secrets=secrets)
        return signing.verify_token(
            request,
            header=CREDENTIAL_HEADER,
            secrets=secrets,
            prefix=CREDENTIAL_PREFIX,
        )

    def scans(self, request: RawRequest) -> list[Scan]:
        """The scan in a Track Alert event."""
        return mapping.read_alert(request.body)

    def _recover(
        self, *, kind: LabelFormat, reference: str = "", tracking_number: str = ""
    ) -> tuple[str, bytes] | None:
        answer = self._client.recover(
            requests.recovery_body(
                account=self._config.account,
                kind=mapping.kind_of(kind),
                reference=reference,
                tracking_number=tracking_number,
            )
        )
        if answer.status == 404 or (
            answer.status == 400 and mapping.says_unknown(mapping.told(answer.json()))
        ):
            return None
        number, content = mapping.read_recovered(
            self._client.line.require_success(answer), code=self.code
        )
        return number or tracking_number, content

    def _subscribe(self, number: str) -> None:
        """Ask for pushes; without them the parcel is still followed by asking."""
        if not self._config.track_alerts:
            return
        try:
            self._client.subscribe(requests.subscription_body([number]))
        except CarrierError as error:
            _log.warning("track_alert_refused", extra={"carrier": self.code, "code": error.code})

    def _label(
        self, reference: str, number: str, content: bytes, kind: LabelFormat, *, paid: Rate | None
    ) -> Label:
        return Label(
            carrier=self.code,
            service=paid.service if paid else "",
            reference=reference,
            tracking_number=number,
            tracking_url=_TRACKING_URL.format(number),
            amount_minor=paid.amount_minor if paid else None,
            currency=paid.currency if paid else "",
            documents={kind: content},
        )


def _code_of(rate: Rate) -> str:
    return rate.service.partition("/")[0]
