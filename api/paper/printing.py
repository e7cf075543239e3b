"""The sheets, drawn on demand.

What draws is loaded with the first sheet: it takes a third of a second, at each start of a process.
"""

from collections.abc import Sequence

from oms.fulfilments.manifest_models import Manifest
from oms.fulfilments.manifests import Listed
from oms.fulfilments.slips import Slip
from oms.locations.models import Location


def slip_pdf(slip: Slip, *, prices: bool) -> bytes:
    """A packing slip."""
    from api.paper.slip import packing_slip

    return packing_slip(slip, prices=prices)


def manifest_pdf(manifest: Manifest, place: Location, parcels: Sequence[Listed]) -> bytes:
    """A manifest."""
    from api.paper.manifest import manifest_list

    return manifest_list(manifest, place, parcels)
