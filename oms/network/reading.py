"""Turn a JSON document into a network, or say where it is wrong."""

from collections.abc import Collection
from typing import Final

from pydantic import ValidationError

from oms import faults
from oms.errors import Invalid
from oms.faults import Fault, fault_of
from oms.network import checking
from oms.network.schema import NetworkFile

_REMEDY: Final = "docs/network-file.md describes the file"


def read(document: object) -> NetworkFile:
    """The network in a parsed JSON document, complete in itself.

    Raises `Invalid` whose `field` is the first wrong place, such as `products[3].weight_g`, and
    whose facts list the first fifty. References to what only the database knows are not checked.
    """
    try:
        network = NetworkFile.model_validate(document)
    except ValidationError as error:
        found = [fault_of(one, whole="the file") for one in error.errors(include_url=False)]
        raise faulty(found) from error
    if found := list(checking.faults(network)):
        raise faulty(found)
    return network


def faulty(found: Collection[Fault]) -> Invalid:
    """The error that tells of all these faults and names the first."""
    return faults.faulty(found, remedy=_REMEDY)
