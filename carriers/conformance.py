"""What every carrier must do, asked of any of them: ours, and those that a package brings.

`oms carriers verify CODE` asks it of a configured carrier; our tests ask it of every adapter. It
buys labels and gives them back, so it belongs against a carrier's test environment.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Final

from carriers.base import (
    Carrier,
    CarrierError,
    InvalidAddress,
    InvalidParcel,
    Label,
    LabelFormat,
    NotFound,
    Rate,
    RawRequest,
    Refused,
    Shipment,
    TrackingRef,
    VoidState,
)

_STARTS: Final = {LabelFormat.PDF: (b"%PDF-",), LabelFormat.ZPL: (b"^XA", b"\x10CT~~CD")}


class NotConforming(Exception):
    """The carrier broke the protocol; the message says how."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A carrier and a shipment that it should take; each check counts its own references.

    `again` makes the carrier anew, as after a restart. `remembers` says whether it finds its
    labels, `remembers_after_restart` also when made anew: real carriers do both.
    """

    again: Callable[[], Carrier]
    shipment: Shipment
    remembers: bool = True
    remembers_after_restart: bool = True
    reports: bool = True
    """Whether it knows of a parcel's way as soon as the label is bought."""
    bought: list[Label] = field(default_factory=list)
    """Labels that the checks bought; those of a real account should be given back."""

    def purchase(
        self,
        carrier: Carrier,
        *,
        reference: str = "",
        label: LabelFormat = LabelFormat.PDF,
    ) -> Label:
        """Buy the cheapest label for the shipment under a reference."""
        shipment = self.of(reference)
        rate = carrier.rate(shipment)[0]
        paid = carrier.buy(shipment, rate, label, f"key-{shipment.reference}")
        self.bought.append(paid)
        return paid

    def of(self, reference: str) -> Shipment:
        """The shipment under a reference of its own."""
        return replace(self.shipment, reference=f"{self.shipment.reference}{reference}")


Check = Callable[[Subject], None]


def fulfils_the_protocol(subject: Subject) -> None:
    """It has every method of a carrier, and a code."""
    carrier = subject.again()
    _hold(isinstance(carrier, Carrier), "it lacks methods of carriers.base.Carrier")
    _hold(carrier.code == carrier.code.strip() != "", "its code is empty or has blanks around it")


def rates_are_its_own_cheapest_first_and_repeatable(subject: Subject) -> None:
    """Rates carry its code, each service once, cheapest first, the same when asked again."""
    carrier = subject.again()
    rates = carrier.rate(subject.shipment)
    _hold(bool(rates), "it has no rate for the shipment")
    amounts = [rate.amount_minor for rate in rates]
    _hold(amounts == sorted(amounts), f"rates are not cheapest first: {amounts}")
    _hold({rate.carrier for rate in rates} == {carrier.code}, "a rate has another carrier's code")
    _hold(len({rate.service for rate in rates}) == len(rates), "a service is offered twice")
    _hold(subject.again().rate(subject.shipment) == rates, "asked again, rates differ")
    for rate in rates:
        _hold(_agrees(rate, subject.shipment), f"{rate.service}: days and date disagree")


def labels_come_with_bytes_and_what_was_paid(subject: Subject) -> None:
    """A label of either format has its bytes, our reference, and the price of its rate."""
    for kind in LabelFormat:
        carrier = subject.again()
        reference = f"-{kind.value}"
        shipment = subject.of(reference)
        rate = carrier.rate(shipment)[0]
        paid = subject.purchase(carrier, reference=reference, label=kind)
        _hold(
            (paid.carrier, paid.service, paid.reference)
            == (carrier.code, rate.service, shipment.reference),
            f"the label is of {paid.carrier} {paid.service} for {paid.reference}",
        )
        _hold(
            (paid.amount_minor, paid.currency) == (rate.amount_minor, rate.currency),
            f"paid {paid.amount_minor} {paid.currency} for {rate.amount_minor} {rate.currency}",
        )
        _hold(list(paid.documents) == [kind], f"documents are {list(paid.documents)}, not {kind}")
        _hold(paid.documents[kind].startswith(_STARTS[kind]), f"its {kind.value} is none")
        _hold(bool(paid.tracking_number.strip()), "the label has no tracking number")


def one_key_buys_once(subject: Subject) -> None:
    """The same key gives the same label, also in the other format and after a restart."""
    carrier = subject.again()
    paid = subject.purchase(carrier)
    _hold(subject.purchase(carrier) == paid, "the same key bought another label")
    _hold(subject.purchase(subject.again()) == paid, "after a restart the same key bought anew")
    other = subject.purchase(carrier, label=LabelFormat.ZPL)
    _hold(other.tracking_number == paid.tracking_number, "the other format is another label")


def parcels_have_numbers_of_their_own(subject: Subject) -> None:
    """Two parcels never share a tracking number."""
    carrier = subject.again()
    one = subject.purchase(carrier, reference="-one")
    other = subject.purchase(carrier, reference="-other")
    _hold(one.tracking_number != other.tracking_number, "two parcels share a number")


def labels_are_found_by_reference(subject: Subject) -> None:
    """A label is found by our reference, or bought again unchanged where nothing is remembered."""
    carrier = subject.again()
    reference = subject.shipment.reference
    _hold(carrier.find(reference) is None, "it finds a label that nobody bought")
    paid = subject.purchase(carrier)
    _hold(_same(carrier.find(reference), paid if subject.remembers else None), "find disagrees")
    restarted = subject.again()
    kept = paid if subject.remembers_after_restart else None
    _hold(_same(restarted.find(reference), kept), "after a restart, find disagrees")
    _hold(carrier.find(f"{reference}-none") is None, "it finds what is not there")
    _hold(subject.purchase(restarted) == paid, "bought again, the label differs")


def voiding_twice_is_voiding_once(subject: Subject) -> None:
    """A label is given back or on its way; asking again says so; it is no longer found."""
    carrier = subject.again()
    paid = subject.purchase(carrier)
    first = carrier.void(paid)
    _hold(first in (VoidState.VOIDED, VoidState.PENDING), f"a fresh label's void is {first}")
    second = carrier.void(paid)
    _hold(second in (VoidState.VOIDED, first), f"asked again, {first} became {second}")
    _hold(carrier.find(subject.shipment.reference) is None, "a voided label is still found")


def scans_are_sorted_and_keep_their_identifiers(subject: Subject) -> None:
    """Scans are in order, each once, of this parcel, and the same when asked again."""
    carrier = subject.again()
    paid = subject.purchase(carrier)
    moment = _moment(subject.shipment)
    ref = TrackingRef(tracking_number=paid.tracking_number, handed_over_at=moment)
    try:
        scans = carrier.track(ref)
    except NotFound:
        _hold(not subject.reports, "it does not know the parcel that it sold")
        return
    _hold(scans == sorted(scans, key=lambda scan: scan.at), "scans are not in order")
    _hold(len({scan.id for scan in scans}) == len(scans), "a scan is there twice")
    _hold(all(scan.tracking_number == paid.tracking_number for scan in scans), "a foreign scan")
    _hold(carrier.track(ref) == scans, "asked again, scans differ")


def takes_no_unsigned_push(subject: Subject) -> None:
    """A push without a signature is refused with a reason, and nothing is raised."""
    for body in (b'{"scans":[]}', b"", b"\xff\x00", "Łódź".encode()):
        verdict = subject.again().verify(RawRequest(method="POST", path="/", headers=(), body=body))
        _hold(not verdict.ok and bool(verdict.reason), "an unsigned push is taken")


def names_what_an_address_lacks(subject: Subject) -> None:
    """A missing part of the address is refused by name before anything is asked."""
    recipient = subject.shipment.recipient
    for part, lacking in (
        ("street", replace(recipient, street="")),
        ("city", replace(recipient, city="")),
        ("postcode", replace(recipient, postcode="")),
        ("country", replace(recipient, country="")),
    ):
        shipment = replace(subject.shipment, recipient=lacking)
        error = _refusal(partial(subject.again().rate, shipment))
        _hold(isinstance(error, InvalidAddress), f"without {part} it says {error!r}")
        _hold(error.field == f"recipient.{part}", f"without {part} it names {error.field}")


def names_a_parcel_without_weight(subject: Subject) -> None:
    """A parcel that weighs nothing is refused by name."""
    nothing = replace(subject.shipment.parcel, weight_g=0)
    shipment = replace(subject.shipment, parcel=nothing)
    error = _refusal(partial(subject.again().rate, shipment))
    _hold(isinstance(error, InvalidParcel), f"a parcel of 0 g meets {error!r}")
    _hold(error.field == "parcel.weight_g", f"a parcel of 0 g blames {error.field}")


def refuses_a_rate_that_it_did_not_offer(subject: Subject) -> None:
    """Another carrier's rate or an unknown service buys nothing."""
    carrier = subject.again()
    rate = carrier.rate(subject.shipment)[0]
    key = f"key-{subject.shipment.reference}"
    for foreign in (replace(rate, carrier="other"), replace(rate, service="teleport")):
        error = _refusal(partial(carrier.buy, subject.shipment, foreign, LabelFormat.PDF, key))
        _hold(isinstance(error, Refused), f"a foreign rate meets {error!r}")
        _hold(error.code == "unknown_service", f"a foreign rate is {error.code}")
    _hold(carrier.find(subject.shipment.reference) is None, "a refused rate bought a label")


CHECKS: Final[tuple[Check, ...]] = (
    fulfils_the_protocol,
    rates_are_its_own_cheapest_first_and_repeatable,
    labels_come_with_bytes_and_what_was_paid,
    one_key_buys_once,
    parcels_have_numbers_of_their_own,
    labels_are_found_by_reference,
    voiding_twice_is_voiding_once,
    scans_are_sorted_and_keep_their_identifiers,
    takes_no_unsigned_push,
    names_what_an_address_lacks,
    names_a_parcel_without_weight,
    refuses_a_rate_that_it_did_not_offer,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check ended; `fault` is empty if the carrier passed."""

    check: str
    promise: str
    fault: str = ""


def verify(subject_of: Callable[[str], Subject]) -> Iterator[Finding]:
    """Ask every check. `subject_of` makes a subject whose references are new, by the check's name.

    What the checks bought is given back.
    """
    for check in CHECKS:
        name, promise = check.__name__, (check.__doc__ or "").splitlines()[0]
        subject = subject_of(name)
        fault = ""
        try:
            check(subject)
        except NotConforming as error:
            fault = str(error)
        except CarrierError as error:
            fault = f"{error.code}: {error}"
        finally:
            _give_back(subject)
        yield Finding(name, promise, fault)


def _give_back(subject: Subject) -> None:
    for label in {one.tracking_number: one for one in subject.bought}.values():
        try:
            subject.again().void(label)
        except CarrierError:
            continue  # it was given back by its check already, or the carrier cannot


def _refusal(act: Callable[[], object]) -> CarrierError:
    try:
        act()
    except CarrierError as error:
        return error
    raise NotConforming("it accepts what it must refuse")


def _agrees(rate: Rate, shipment: Shipment) -> bool:
    if rate.transit_days is None or rate.delivery_on is None:
        return rate.transit_days is None and rate.delivery_on is None
    return rate.delivery_on == shipment.ship_on + timedelta(days=rate.transit_days)


def _same(found: Label | None, bought: Label | None) -> bool:
    """Whether the found label is the bought one; price and service may be unknown by then."""
    if found is None or bought is None:
        return found is bought
    known = replace(
        found,
        amount_minor=bought.amount_minor if found.amount_minor is None else found.amount_minor,
        service=found.service or bought.service,
        currency=found.currency or bought.currency,
    )
    return known == bought


def _moment(shipment: Shipment) -> datetime:
    return datetime.combine(shipment.ship_on, time(12), tzinfo=UTC)


def _hold(truth: bool, otherwise: str) -> None:
    if not truth:
        raise NotConforming(otherwise)
