"""What every parcel carrier can be asked, the values it is asked with, and how it refuses."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import ClassVar, Final, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a parcel comes from or goes to; coordinates are degrees, both or neither."""

    name: str
    company: str = ""
    street: str
    street_2: str = ""
    city: str
    region: str = ""
    postcode: str
    country: str
    phone: str = ""
    email: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One closed box. A side of 0 was not measured."""

    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsLine:
    """One kind of article in the box, as customs want it. Value and weight are of one unit.

    `hs_code` is the tariff number in digits, `origin` the country it was made in.
    """

    description: str
    quantity: int
    value_minor: int
    weight_g: int
    hs_code: str
    origin: str
    sku: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """One parcel on its way from a sender to a recipient.

    `reference` is ours and finds the label again; `notes` are printed below it;
    `tracking_number` is set only when somebody typed one that exists already; `customs` says
    what is in a box that crosses a customs border.
    """

    reference: str
    sender: Address
    recipient: Address
    parcel: Parcel
    ship_on: date
    value_minor: int
    currency: str
    notes: tuple[str, ...] = ()
    tracking_number: str = ""
    customs: tuple[CustomsLine, ...] = ()


class RateSource(StrEnum):
    """Where a price comes from."""

    LIVE = "live"
    """The carrier named it for this very parcel."""
    SHEET = "sheet"
    """A rate sheet of ours, because the carrier names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one service would cost, and when it would arrive.

    `transit_days` and `delivery_on` are None, both, where the carrier does not say.
    """

    carrier: str
    service: str
    amount_minor: int
    currency: str
    transit_days: int | None
    delivery_on: date | None
    source: RateSource = RateSource.LIVE


class LabelFormat(StrEnum):
    """What the printer takes."""

    PDF = "pdf"
    ZPL = "zpl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A bought label; `documents` holds its bytes in each format that was asked for.

    A label that was found again may lack `service` and `amount_minor`, as its carrier may not
    say them again; one that was bought has both.
    """

    carrier: str
    service: str
    reference: str
    tracking_number: str
    tracking_url: str
    amount_minor: int | None
    currency: str
    documents: Mapping[LabelFormat, bytes]


class VoidState(StrEnum):
    """What became of the wish to cancel a label."""

    VOIDED = "voided"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingRef:
    """The parcel asked about. `handed_over_at` is None while the parcel is still with us."""

    tracking_number: str
    handed_over_at: datetime | None = None
    bought_at: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.handed_over_at, self.bought_at):
            if moment is not None:
                require_aware(moment)


class ScanCode(StrEnum):
    """What a carrier reports, in words that all carriers share."""

    LABEL_CREATED = "label_created"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"
    DAMAGED = "damaged"
    VOIDED = "voided"
    OTHER = "other"
    """Worth keeping, but it says nothing of where the parcel is."""


FINAL: Final[frozenset[ScanCode]] = frozenset(
    {ScanCode.DELIVERED, ScanCode.RETURNED_TO_SENDER, ScanCode.LOST, ScanCode.VOIDED}
)
"""Codes that end a parcel's journey; a carrier may still send scans after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One event of a parcel. The same event always has the same `id`, however often it comes."""

    id: str
    tracking_number: str
    code: ScanCode
    at: datetime
    place: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        require_aware(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A webhook as it arrived: the bytes untouched, repeated headers kept apart."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header_values(self, name: str) -> list[str]:
        """Every value sent under a name, whatever its case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a webhook is the carrier's own; `reason` says why not and may be logged."""

    ok: bool
    reason: str = ""


@runtime_checkable
class Carrier(Protocol):
    """One parcel carrier.

    Every method may raise `CarrierError`: its `retryable` says whether the same call may
    succeed later.
    """

    @property
    def code(self) -> str:
        """The carrier's name in settings and stored rows."""

    def rate(self, shipment: Shipment) -> list[Rate]:
        """What each service would cost, cheapest first."""

    def buy(self, shipment: Shipment, rate: Rate, label: LabelFormat, key: str) -> Label:
        """Buy a label. The same key buys once and gives the same label again."""

    def find(self, reference: str) -> Label | None:
        """The live label bought for our reference, as after a purchase whose answer was lost.

        None means that the carrier knows of none; buying with the same key is then safe.
        """

    def void(self, label: Label) -> VoidState:
        """Give a label back. Asking again tells how far it is."""

    def track(self, ref: TrackingRef) -> list[Scan]:
        """All scans so far, oldest first, each once."""

    def verify(self, request: RawRequest) -> Verdict:
        """Whether a webhook is genuine, judged on its raw bytes; never raises."""

    def scans(self, request: RawRequest) -> list[Scan]:
        """The scans in a genuine webhook, oldest first, each once; `MalformedScans` if none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestForm:
    """What a carrier made of a day's list: its name for it, and its form as PDF if it has one."""

    reference: str
    document: bytes | None = None


@runtime_checkable
class FilesManifests(Protocol):
    """A carrier that wants to be told which parcels it takes; the others take what they are given.

    It is asked of a `Carrier` that has this method besides.
    """

    def manifest(self, labels: Sequence[Label], *, key: str) -> ManifestForm | None:
        """File a list of labels. The same key and labels file once; None if none need be filed."""


class CarrierError(Exception):
    """A carrier said no. `code` is stable; `field` names the value to correct, if there is one."""

    code: str = "carrier_error"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.field = field
        self.retry_after_s = retry_after_s


class InvalidAddress(CarrierError):
    """An address cannot be delivered to as written."""

    code = "invalid_address"


class InvalidParcel(CarrierError):
    """A weight or a measure makes no sense."""

    code = "invalid_parcel"


class NotFound(CarrierError):
    """The carrier knows no such parcel."""

    code = "not_found"


class Refused(CarrierError):
    """The carrier understood and will not do it; asking again changes nothing."""

    code = "refused"


class BadCredentials(CarrierError):
    """The carrier does not accept our credentials; `field` names the setting."""

    code = "bad_credentials"


class Unavailable(CarrierError):
    """The carrier could not answer now."""

    code = "unavailable"
    retryable = True


class MalformedScans(CarrierError):
    """A genuine webhook whose content cannot be read; keep it for a person to look at."""

    code = "malformed_scans"


def in_order(scans: Iterable[Scan]) -> list[Scan]:
    """Scans by time and each once: carriers repeat them and send them out of order."""
    once = {scan.id: scan for scan in scans}
    return sorted(once.values(), key=lambda scan: (scan.at, scan.id))


def scan_id(tracking_number: str, at: datetime, *facts: str) -> str:
    """An identifier for a scan that its carrier does not number: the same for the same event."""
    moment = at.astimezone(UTC).isoformat(timespec="seconds")
    told = "\x1f".join((tracking_number, moment, *facts))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def require_text(address: Address, *, whose: str) -> None:
    """Raise `InvalidAddress` for the first part that is missing, named as in `sender.city`."""
    if not address.name.strip() and not address.company.strip():
        raise InvalidAddress(f"the {whose} has no name", field=f"{whose}.name")
    for part in ("street", "city", "postcode"):
        if not getattr(address, part).strip():
            raise InvalidAddress(f"the {whose}'s {part} is empty", field=f"{whose}.{part}")
    if not (len(address.country) == 2 and address.country.isascii() and address.country.isupper()):
        raise InvalidAddress(
            f"the {whose}'s country {address.country!r} is not a two-letter code such as US",
            field=f"{whose}.country",
        )


def require_aware(moment: datetime) -> None:
    """Raise `ValueError` for a time without a zone."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; times are aware and in UTC")


def utc_now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)
