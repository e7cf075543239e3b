"""UPS's answers and pushes in our words; no I/O."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from carriers import amounts
from carriers.base import (
    LabelFormat,
    MalformedScans,
    Rate,
    Scan,
    ScanCode,
    Shipment,
    Unavailable,
    in_order,
    scan_id,
)
from carriers.reading import Part, clean, read_answer, read_push
from carriers.ups.config import SERVICES
from carriers.ups.documents import (
    Activity,
    Alert,
    Image,
    Place,
    Rated,
    Rates,
    Recovery,
    Shipped,
    Status,
    Track,
    Void,
)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_UNKNOWN_LABEL: Final = _words(
    r"not (been )?found|no (matching |such )?(label|shipment|record)|no match|does not exist"
    r"|unable to (find|locate)|void"
)
_VOIDED: Final = _words(r"already (been )?void")
_OUT: Final = frozenset(("OT", "OF", "OD"))
_ORIGIN: Final = frozenset(("OR", "PU", "XD"))
_CODE_OF_TYPE: Final[Mapping[str, ScanCode]] = {
    "D": ScanCode.DELIVERED,
    "I": ScanCode.IN_TRANSIT,
    "M": ScanCode.LABEL_CREATED,
    "MV": ScanCode.VOIDED,
    "O": ScanCode.OUT_FOR_DELIVERY,
    "P": ScanCode.ACCEPTED,
    "RS": ScanCode.RETURNED_TO_SENDER,
}
_WORDS: Final = (
    (
        re.compile(r"returned to (the )?(sender|shipper)", re.IGNORECASE),
        ScanCode.RETURNED_TO_SENDER,
    ),
    (_words(r"\blost\b|cannot be located"), ScanCode.LOST),
    (_words(r"damage"), ScanCode.DAMAGED),
    (_words(r"attempt|unable to deliver|refused"), ScanCode.DELIVERY_FAILED),
)
"""What an exception says, as UPS gives exceptions one type and many changing codes."""


class Bought(Part):
    """A label that was bought: its number and, if UPS says so, its price."""

    number: str
    amount_minor: int | None
    currency: str
    zpl: bytes


def read_rates(body: Any, *, shipment: Shipment, code: str) -> list[Rate]:
    """The price and time of every service."""
    found = read_answer(Rates, body, carrier=code).response.rated
    return [_rate(one, shipment=shipment, code=code) for one in found]


def read_shipped(body: Any, *, code: str) -> Bought:
    """The label in an answer to a purchase."""
    results = read_answer(Shipped, body, carrier=code).response.results
    paid = (results.negotiated and results.negotiated.total) or (
        results.charges and results.charges.total
    )
    package = results.packages[0]
    return Bought(
        number=package.number,
        amount_minor=amounts.minor(paid.value, paid.currency) if paid else None,
        currency=paid.currency if paid else "",
        zpl=_decoded(package.label, code=code),
    )


def read_recovered(body: Any, *, code: str) -> tuple[str, bytes]:
    """Tracking number and bytes of a label that was asked for again."""
    found = read_answer(Recovery, body, carrier=code).response.results[-1]
    return found.number, _decoded(found.image, code=code)


def read_void(body: Any, *, code: str) -> bool:
    """Whether the label is void now."""
    return read_answer(Void, body, carrier=code).response.summary.state.code == "1"


def read_tracked(body: Any, number: str, *, code: str) -> list[Scan]:
    """The activities of a parcel, oldest first, each once."""
    response = read_answer(Track, body, carrier=code).response
    activities = [
        activity
        for shipment in response.shipment
        for package in shipment.package
        for activity in package.activity
    ]
    return in_order(
        _scan(number, one, one.status, one.location.address if one.location else None)
        for one in activities
    )


def read_alert(body: bytes) -> list[Scan]:
    """The scan in a pushed event. Raises `MalformedScans`."""
    alert = read_push(Alert, body)
    try:
        return [_scan(alert.number, alert, alert.status, alert.place)]
    except Unavailable as error:
        raise MalformedScans(str(error), field="gmtActivityDate") from None


def told(body: Any) -> str:
    """UPS's own words in an error."""
    response = body.get("response") if isinstance(body, dict) else None
    errors = response.get("errors") if isinstance(response, dict) else None
    if not isinstance(errors, list):
        return ""
    return "; ".join(
        f"{one.get('code', '')} {one.get('message', '')}".strip()
        for one in errors[:3]
        if isinstance(one, dict)
    )


def says_unknown(words: str) -> bool:
    """Whether an error means that there is no such label, or none that is valid."""
    return _UNKNOWN_LABEL.search(words) is not None


def says_voided(words: str) -> bool:
    """Whether an error means that the label was given back before."""
    return _VOIDED.search(words) is not None


def kind_of(label: LabelFormat) -> str:
    """UPS's name of a label format."""
    return label.name


def service_name(code: str) -> str:
    """A service as we store it: its code and what people call it."""
    return f"{code}/{SERVICES[code]}" if code in SERVICES else code


def _rate(rated: Rated, *, shipment: Shipment, code: str) -> Rate:
    estimated = rated.transit and rated.transit.summary and rated.transit.summary.estimated
    date = (estimated and estimated.arrival and estimated.arrival.date) or ""
    on = _instant(date, "").date() if re.fullmatch(r"\d{8}", date) else None
    return Rate(
        carrier=code,
        service=service_name(rated.service.code),
        amount_minor=amounts.minor(rated.price.value, rated.price.currency),
        currency=rated.price.currency,
        transit_days=(on - shipment.ship_on).days if on else None,
        delivery_on=on,
    )


def _decoded(image: Image | None, *, code: str) -> bytes:
    try:
        content = base64.b64decode(image.data if image else "", validate=True)
    except binascii.Error:
        content = b""
    if not content:
        raise Unavailable(f"{code} sent no label")
    return content


def _scan(number: str, event: "Activity | Alert", status: Status, place: Place | None) -> Scan:
    at = _when(event)
    named = (place.city, place.state, place.country) if place else ()
    return Scan(
        id=scan_id(number, at, status.kind, status.code),
        tracking_number=number,
        code=_code(status),
        at=at,
        place=clean(", ".join(part for part in named if part)),
        text=clean(status.description),
    )


def _code(status: Status) -> ScanCode:
    kind, code = status.kind.upper(), status.code.upper()
    if kind in ("X", "D") or kind not in _CODE_OF_TYPE:
        for words, meant in _WORDS:
            if words.search(status.description):
                return meant
    if kind == "I" and code in _OUT:
        return ScanCode.OUT_FOR_DELIVERY
    if kind == "I" and code in _ORIGIN:
        return ScanCode.ACCEPTED
    return _CODE_OF_TYPE.get(kind, ScanCode.OTHER)


def _when(event: "Activity | Alert") -> datetime:
    """The event's time in UTC; where UPS gives local time only, it counts as UTC."""
    if event.gmt_date:
        return _instant(event.gmt_date, event.gmt_time)
    local = _instant(event.date, event.time)
    offset = re.fullmatch(r"([+-])(\d{2})[:.](\d{2})", event.gmt_offset)
    if offset is None:
        return local
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return local - ahead if offset[1] == "+" else local + ahead


def _instant(date: str, time: str) -> datetime:
    """`20210210` and `74700`, whose leading zero UPS leaves out."""
    digits = time.replace(":", "").zfill(6)
    try:
        return datetime.strptime(f"{date}{digits}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise Unavailable(f"ups names no time in {date!r} {time!r}") from None
