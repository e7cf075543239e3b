"""Read a channel's JSON document without ever crashing on it, and say where it is wrong.

Everything that can be wrong with bytes that somebody else wrote ends in `Malformed`, whose
`field` is a path such as `line_items[2].quantity`.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from oms.channels.base import Malformed
from oms.errors import Invalid
from oms.faults import path
from oms.money import to_minor

MOST_UNITS: Final = 100_000
"""Of one order line; more is a mistake, not an order."""
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,8})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST_ID, _LONGEST_TEXT = 120, 1_000
_MOST_DIGITS = 20


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body, fractions as exact decimals. Raises `Malformed`."""
    try:
        document = json.loads(
            body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise Malformed("the body is not UTF-8", remedy="send JSON in UTF-8") from error
    except RecursionError as error:
        raise Malformed("the body is nested too deeply", remedy="send the plain order") from error
    except (ValueError, ArithmeticError) as error:
        raise Malformed(f"the body is not JSON: {error}", remedy="send one JSON object") from error
    if not isinstance(document, dict):
        raise Malformed(
            f"the body is a JSON {_kind(document)}, not an object", remedy="send one JSON object"
        )
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _kind(value: object) -> str:
    match value:
        case list():
            return "array"
        case str():
            return "string"
        case None:
            return "null"
        case bool():
            return "boolean"
        case _:
            return "number"


def _text(value: str) -> str:
    """Text that PostgreSQL can hold: no NUL, no half of a surrogate pair, not a book."""
    if "\x00" in value:
        raise ValueError("has a NUL character in it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("has half a surrogate pair in it") from error
    return value.strip()[:_LONGEST_TEXT]


def _identifier(value: object) -> str:
    """An id as text: numbers may exceed 53 bits, text may have leading zeros."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"must be a whole number or text, not {value!r}"[:200])
    if isinstance(value, int) and not 0 < value < 2**64:
        raise ValueError("is not a plausible id")
    text = _text(str(value))
    if not text:
        raise ValueError("must not be empty")
    if len(text) > _LONGEST_ID:
        raise ValueError(f"is longer than {_LONGEST_ID} characters")
    return text


def _amount(value: object) -> str:
    """An amount in plain decimal notation; "1,234.00", "1e5" and "USD 5" are not."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f'must be an amount such as "12.50", not {value!r}'[:200])
    if isinstance(value, Decimal) and abs(value.adjusted()) > _MOST_DIGITS:
        raise ValueError("is not a plausible amount")
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f'must be an amount such as "12.50", not {text!r}'[:200])
    return text


def _currency(value: object) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise ValueError(f'must be an ISO 4217 code such as "USD", not {value!r}'[:200])
    return value


def moment(value: object) -> datetime:
    """A moment in ISO 8601 with its zone, turned to UTC. Raises `ValueError`."""
    parsed = _parsed(value)
    if parsed.tzinfo is None:
        raise ValueError(f"has no time zone: {value!r}; write it like 2026-03-01T09:30:00Z")
    return _plausible(parsed)


def utc_moment(value: object) -> datetime:
    """A moment that its channel writes without a zone and means as UTC."""
    parsed = _parsed(value)
    return _plausible(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def _parsed(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"must be a moment such as 2026-03-01T09:30:00Z, not {value!r}"[:200])
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        message = f"must be a moment such as 2026-03-01T09:30:00Z, not {value!r}"
        raise ValueError(message[:200]) from error


def _plausible(parsed: datetime) -> datetime:
    if not _EARLIEST <= parsed < _LATEST:
        raise ValueError(f"is not a plausible moment: {parsed.isoformat()}")
    return parsed.astimezone(UTC)


Text = Annotated[str, AfterValidator(_text)]
Identifier = Annotated[str, BeforeValidator(_identifier)]
Amount = Annotated[str, BeforeValidator(_amount)]
Currency = Annotated[str, BeforeValidator(_currency)]
Moment = Annotated[datetime, BeforeValidator(moment)]
UtcMoment = Annotated[datetime, BeforeValidator(utc_moment)]
Units = Annotated[int, Field(strict=True, gt=0, le=MOST_UNITS)]
UnitsLeft = Annotated[int, Field(strict=True, ge=0, le=MOST_UNITS)]
Latitude = Annotated[float | None, BeforeValidator(lambda value: _degrees(value, most=90))]
Longitude = Annotated[float | None, BeforeValidator(lambda value: _degrees(value, most=180))]


def _degrees(value: object, *, most: int) -> float | None:
    """Coordinates are an extra: what is none is left out, and the order goes on without."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if -most <= degrees <= most else None


class Document(BaseModel):
    """Part of a channel's document: what we use is checked, what we do not use is let by."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


Read = TypeVar("Read", bound=Document)


def validate(model: type[Read], document: object, *, remedy: str) -> Read:
    """The document as `model`; `Malformed` names the first wrong place."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = path(_without_tags(first["loc"], document))
        what = first["msg"].removeprefix("Value error, ")
        more = error.error_count() - 1
        also = f" (and {more} more)" if more else ""
        raise Malformed(f"{place}: {what}{also}", field=place, remedy=remedy) from error


def _without_tags(places: Sequence[str | int], document: object) -> list[str | int]:
    """The places that are in the document: Pydantic also lists which variant of a union it took."""
    real: list[str | int] = []
    for place in places:
        if isinstance(document, dict) and place not in document and place != places[-1]:
            continue
        real.append(place)
        try:
            document = document[place]  # type: ignore[index]  # what cannot be indexed ends the walk
        except (KeyError, IndexError, TypeError):
            document = None
    return real


def minor(amount: str, *, currency: str, field: str, remedy: str) -> int:
    """An amount in minor units; `Malformed` if it is negative or finer than the currency."""
    try:
        units = to_minor(amount, currency=currency, field=field)
    except Invalid as error:
        raise Malformed(error.message, field=field, remedy=remedy) from error
    if units < 0:
        raise Malformed(f"{field}: {amount} is negative", field=field, remedy=remedy)
    return units


def refuse_repeated(ids: Iterable[str], *, field: Callable[[int], str], remedy: str) -> None:
    """Raise `Malformed` if two lines have one id: writebacks could not tell them apart."""
    seen: set[str] = set()
    for index, identifier in enumerate(ids):
        if identifier in seen:
            place = field(index)
            raise Malformed(
                f"{place}: two lines have the id {identifier}", field=place, remedy=remedy
            )
        seen.add(identifier)


def share(amount_minor: int, *, of: int, all_of: int) -> int:
    """The part of a whole line's amount that falls on `of` of its `all_of` units, rounded."""
    return (2 * amount_minor * of + all_of) // (2 * all_of)
