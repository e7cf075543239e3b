"""How the checks ask: requests changed a little, parcels told, errors caught, faults played."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from pydantic import BaseModel, SecretStr

from oms import clock
from oms.channels.base import (
    BadSignature,
    Channel,
    Poller,
    RawRequest,
    Window,
    WritebackCommand,
)
from oms.channels.conformance.subject import Fault, NotAsked, NotConforming, Sample, Subject
from oms.channels.models import WritebackKind
from oms.channels.stock import Figure, Spot, StockLevel, Telling
from oms.errors import OmsError

_NUMBER = "1Z999AA10123456784"
_MOST_PAGES = 100


def hold(truth: bool, otherwise: str) -> None:
    """Raise `NotConforming` unless it is true."""
    if not truth:
        raise NotConforming(otherwise)


def pushed(subject: Subject) -> RawRequest:
    """A genuine message of a new order. Raises `NotAsked` if the channel sends none."""
    if not subject.again().caps.push:
        raise NotAsked("it sends no webhooks")
    request = subject.double.place().request
    hold(request is not None, "its double sends no messages, though it says that it pushes")
    assert request is not None
    return request


def passes(channel: Channel, request: RawRequest) -> bool:
    """Whether the channel takes a request as proven."""
    try:
        channel.verify(request, now=clock.now())
    except BadSignature:
        return False
    return True


def refused(channel: Channel, request: RawRequest, how: str) -> None:
    """Raise `NotConforming` unless the channel refuses a request, with a reason, and only that."""
    try:
        channel.verify(request, now=clock.now())
    except BadSignature as error:
        hold(bool(error.message), f"{how}, a message is refused without a reason")
    except Exception as error:
        raise NotConforming(f"{how}, a message ends in {type(error).__name__}") from error
    else:
        raise NotConforming(f"{how}, a message is taken")


def without(request: RawRequest, name: str) -> RawRequest:
    """The request without a header."""
    return replace(request, headers=tuple(each for each in request.headers if each[0] != name))


def with_value(request: RawRequest, name: str, value: str) -> RawRequest:
    """The request with another value in a header."""
    headers = tuple((key, value if key == name else old) for key, old in request.headers)
    return replace(request, headers=headers)


def document(subject: Subject, sample: Sample) -> tuple[bytes, str]:
    """An order's document and its topic, as it was sent or, where nothing is, as it is given."""
    channel = subject.again()
    if sample.request is not None:
        return sample.request.body, channel.hint(sample.request).topic
    poller = channel.poller
    hold(poller is not None, "it neither sends its orders nor can be asked for them")
    assert poller is not None
    found = poller.fetch(sample.order_id)
    return found.body, found.hint.topic


def units(sample: Sample) -> Mapping[str, int]:
    """A sample's units by line."""
    return {line.external_id: line.quantity for line in sample.lines}


def parcel(sample: Sample, *, number: str = _NUMBER) -> WritebackCommand:
    """All of an order in one parcel."""
    return WritebackCommand(
        kind=WritebackKind.SHIPPED,
        key=f"shipped:verify-{sample.order_id}",
        order_external_id=sample.order_id,
        order_number=sample.order_id,
        occurred_at=clock.now() - timedelta(minutes=5),
        lines=sample.lines,
        location_code="S01",
        location_name="Riverside",
        carrier="UPS",
        tracking_number=number,
        tracking_url=f"https://example.com/track/{number}",
        currency="USD",
    )


def play(subject: Subject, fault: Fault) -> None:
    """Let the next request that writes meet a fault; `NotAsked` if the double cannot play it."""
    if fault not in subject.double.faults:
        raise NotAsked(f"its double cannot play {fault.value}")
    subject.double.fault(fault)


def failure(subject: Subject, command: WritebackCommand) -> OmsError:
    """How telling a fact fails."""
    try:
        answer = subject.again().tell(command)
    except OmsError as error:
        return error
    raise NotConforming(f"it says that it told, as {answer.reference!r}, and it did not")


def telling(spot: Spot, now: Figure, *, units: int) -> Telling:
    """One level to set."""
    level = StockLevel(spot, units, version=1, now=now)
    return Telling((level,), key=f"verify:{spot[0]}:{units}", as_of=clock.now())


def asked(poller: Poller, window: Window) -> dict[str, str]:
    """Every order that a window brings, with its key."""
    found: dict[str, str] = {}
    token = ""
    for _ in range(_MOST_PAGES):
        page = poller.page(window, token)
        found |= {each.hint.reference: each.hint.dedupe_key for each in page.found}
        token = page.token
        if not token:
            return found
    raise NotConforming(f"a window of two orders has more than {_MOST_PAGES} pages")


def secrets_of(channel: Channel) -> Iterator[str]:
    """Every secret of a channel's settings."""
    yield from _secrets(channel.settings)


def _secrets(model: BaseModel) -> Iterator[str]:
    for value in dict(model).values():
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, SecretStr):
                yield each.get_secret_value()
            elif isinstance(each, BaseModel):
                yield from _secrets(each)
