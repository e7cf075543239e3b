"""Turn a JSON document into a network, or say where it is wrong."""

from collections.abc import Collection
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from oms.channels.documents import path
from oms.errors import Invalid
from oms.network import checking
from oms.network.checking import Fault
from oms.network.schema import NetworkFile

_MOST_TOLD: Final = 50
_IN_WORDS: Final = {"missing": "is missing", "extra_forbidden": "is not a known field"}


def read(document: object) -> NetworkFile:
    """The network in a parsed JSON document, complete in itself.

    Raises `Invalid` whose `field` is the first wrong place, such as `products[3].weight_g`, and
    whose facts list the first fifty. References to what only the database knows are not checked.
    """
    try:
        network = NetworkFile.model_validate(document)
    except ValidationError as error:
        raise faulty([_fault(one) for one in error.errors(include_url=False)]) from error
    if faults := list(checking.faults(network)):
        raise faulty(faults)
    return network


def faulty(faults: Collection[Fault]) -> Invalid:
    """The error that tells of all these faults and names the first."""
    first, *rest = faults
    also = f" (and {len(rest)} more)" if rest else ""
    return Invalid(
        f"{first.place}: {first.what}{also}",
        field=first.place,
        remedy="docs/network-file.md describes the file",
        facts={"faults": [f"{one.place}: {one.what}" for one in list(faults)[:_MOST_TOLD]]},
    )


def _fault(error: ErrorDetails) -> Fault:
    what = _IN_WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    return Fault(path(error["loc"]) or "the file", what[:1].lower() + what[1:])
