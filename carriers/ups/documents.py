"""UPS's documents, as far as we read them."""

from typing import Any

from pydantic import Field, field_validator

from carriers.reading import Part


def several(found: Any) -> Any:
    """UPS writes a list of one as its only item."""
    return [found] if isinstance(found, dict) else found


class Money(Part):
    """An amount as text."""

    currency: str = Field(alias="CurrencyCode")
    value: str = Field(alias="MonetaryValue")


class Charges(Part):
    """What a shipment costs by list."""

    total: Money | None = Field(None, alias="TotalCharges")


class Negotiated(Part):
    """What it costs this account."""

    total: Money | None = Field(None, alias="TotalCharge")


class Coded(Part):
    """Something with a code."""

    code: str = Field(alias="Code")


class Arrival(Part):
    """The day it arrives, as YYYYMMDD."""

    date: str = Field("", alias="Date")


class Estimated(Part):
    """When it is thought to arrive."""

    arrival: Arrival | None = Field(None, alias="Arrival")


class Summary(Part):
    """The time of one service."""

    estimated: Estimated | None = Field(None, alias="EstimatedArrival")


class Transit(Part):
    """Time in transit."""

    summary: Summary | None = Field(None, alias="ServiceSummary")


class Rated(Part):
    """One service with its price."""

    service: Coded = Field(alias="Service")
    total: Money = Field(alias="TotalCharges")
    negotiated: Negotiated | None = Field(None, alias="NegotiatedRateCharges")
    transit: Transit | None = Field(None, alias="TimeInTransit")

    @property
    def price(self) -> Money:
        """What this account pays."""
        return (self.negotiated and self.negotiated.total) or self.total


class RateResponse(Part):
    """All services."""

    rated: tuple[Rated, ...] = Field(alias="RatedShipment")

    _several = field_validator("rated", mode="before")(lambda found: several(found))


class Rates(Part):
    """The answer to a question for rates."""

    response: RateResponse = Field(alias="RateResponse")


class Image(Part):
    """A label in base64."""

    data: str = Field(alias="GraphicImage")


class Package(Part):
    """One package that was bought."""

    number: str = Field(alias="TrackingNumber")
    label: Image | None = Field(None, alias="ShippingLabel")


class Results(Part):
    """What was bought."""

    packages: tuple[Package, ...] = Field(alias="PackageResults", min_length=1)
    charges: Charges | None = Field(None, alias="ShipmentCharges")
    negotiated: Negotiated | None = Field(None, alias="NegotiatedRateCharges")

    _several = field_validator("packages", mode="before")(lambda found: several(found))


class ShipResponse(Part):
    """Likewise, with its status."""

    results: Results = Field(alias="ShipmentResults")


class Shipped(Part):
    """The answer to a purchase."""

    response: ShipResponse = Field(alias="ShipmentResponse")


class Recovered(Part):
    """A label that was asked for again."""

    number: str = Field("", alias="TrackingNumber")
    image: Image | None = Field(None, alias="LabelImage")


class RecoveryResponse(Part):
    """All that was found."""

    results: tuple[Recovered, ...] = Field(alias="LabelResults", min_length=1)

    _several = field_validator("results", mode="before")(lambda found: several(found))


class Recovery(Part):
    """The answer to label recovery."""

    response: RecoveryResponse = Field(alias="LabelRecoveryResponse")


class VoidSummary(Part):
    """Whether a label is void."""

    state: Coded = Field(alias="Status")


class VoidResponse(Part):
    """Likewise, with its status."""

    summary: VoidSummary = Field(alias="SummaryResult")


class Void(Part):
    """The answer to a void."""

    response: VoidResponse = Field(alias="VoidShipmentResponse")


class Token(Part):
    """An OAuth token; `expires_in` is seconds, as text."""

    access_token: str = Field(min_length=1)
    expires_in: int = Field(gt=0)


class Place(Part):
    """A place of the network."""

    city: str | None = None
    state: str | None = Field(None, alias="stateProvince")
    country: str | None = None


class Where(Part):
    """Where something happened."""

    address: Place | None = None


class Status(Part):
    """What happened."""

    kind: str = Field("", alias="type")
    code: str = ""
    description: str = ""


class Activity(Part):
    """One event of a tracked parcel."""

    date: str = ""
    time: str = ""
    gmt_date: str = Field("", alias="gmtDate")
    gmt_time: str = Field("", alias="gmtTime")
    gmt_offset: str = Field("", alias="gmtOffset")
    location: Where | None = None
    status: Status = Status()


class Tracked(Part):
    """A tracked package."""

    activity: tuple[Activity, ...] = ()


class TrackedShipment(Part):
    """Its packages."""

    package: tuple[Tracked, ...] = ()


class TrackResponse(Part):
    """What tracking found."""

    shipment: tuple[TrackedShipment, ...] = ()


class Track(Part):
    """The answer to tracking."""

    response: TrackResponse = Field(alias="trackResponse")


class Alert(Part):
    """A Track Alert event."""

    number: str = Field(alias="trackingNumber", min_length=1, max_length=40)
    date: str = Field("", alias="localActivityDate")
    time: str = Field("", alias="localActivityTime")
    gmt_date: str = Field("", alias="gmtActivityDate")
    gmt_time: str = Field("", alias="gmtActivityTime")
    gmt_offset: str = Field("", alias="gmtOffset")
    place: Place | None = Field(None, alias="activityLocation")
    status: Status = Field(alias="activityStatus")
