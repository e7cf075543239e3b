"""The bodies that EasyPost takes, after its documentation; it publishes no machine-readable schema.

Stricter than EasyPost itself, which ignores what it does not know: here a field that the
documentation does not name is an error.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class AddressIn(_Strict):
    """docs.easypost.com/docs/addresses."""

    name: str = ""
    company: str = ""
    street1: str = Field(min_length=1)
    street2: str = ""
    city: str = Field(min_length=1)
    state: str = ""
    zip: str = Field(min_length=1)
    country: Country
    phone: str = ""
    email: str = ""


class ParcelIn(_Strict):
    """docs.easypost.com/docs/parcels: ounces and inches, one decimal."""

    weight: float = Field(gt=0)
    length: float | None = Field(None, gt=0)
    width: float | None = Field(None, gt=0)
    height: float | None = Field(None, gt=0)


class CustomsItemIn(_Strict):
    """docs.easypost.com/docs/customs-infos: value and weight are of the whole line."""

    description: str = Field(min_length=1, max_length=255)
    quantity: float = Field(gt=0)
    value: float = Field(ge=0)
    weight: float = Field(gt=0)
    hs_tariff_number: str = Field(pattern=r"^\d{6,12}$")
    origin_country: Country
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    code: str = ""


class CustomsInfoIn(_Strict):
    """docs.easypost.com/docs/customs-infos."""

    contents_type: Literal[
        "documents", "gift", "merchandise", "returned_goods", "sample", "dangerous_goods", "other"
    ]
    contents_explanation: str = Field(max_length=255)
    customs_certify: bool
    customs_signer: str = Field(min_length=1)
    eel_pfc: str = Field(min_length=1)
    non_delivery_option: Literal["return", "abandon"]
    restriction_type: Literal["none", "other", "quarantine", "sanitary_phytosanitary_inspection"]
    customs_items: list[CustomsItemIn] = Field(min_length=1)


class OptionsIn(_Strict):
    """docs.easypost.com/docs/shipments/options: those that we use."""

    label_format: Literal["PNG", "PDF", "ZPL", "EPL2"]
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    print_custom_1: str = ""
    print_custom_2: str = ""


class AccountIn(_Strict):
    """A carrier account by its id."""

    id: str = Field(pattern=r"^ca_")


class ShipmentPart(_Strict):
    """docs.easypost.com/docs/shipments."""

    to_address: AddressIn
    from_address: AddressIn
    parcel: ParcelIn
    options: OptionsIn
    reference: str = ""
    customs_info: CustomsInfoIn | None = None
    carrier_accounts: list[AccountIn] = []


class ShipmentRequest(_Strict):
    """POST /v2/shipments, and without keeping one POST /beta/rates."""

    shipment: ShipmentPart


class ShipmentChoice(_Strict):
    """A shipment by its id."""

    id: str = Field(pattern=r"^shp_")


class ScanFormRequest(_Strict):
    """POST /v2/scan_forms."""

    shipments: list[ShipmentChoice] = Field(min_length=1)


class RateChoice(_Strict):
    """A rate by its id."""

    id: str = Field(pattern=r"^rate_")


class BuyRequest(_Strict):
    """POST /v2/shipments/{id}/buy."""

    rate: RateChoice
