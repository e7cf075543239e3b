"""A shipment of two parcels is labelled one call at a time; its manifest reaches the carrier."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select

from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.fulfilments import manifests, packing, picking, relabelling
from oms.fulfilments.manifest_models import Filing, Manifest
from oms.fulfilments.models import Parcel, ParcelStatus
from oms.fulfilments.packing import Box
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until
from tests.workflows.test_stories import closed, until_running

MUG = Box(900, 200, 150, 100, {"MUG": 1})


def pack_in_two(fulfilment_id: UUID) -> UUID:
    """Returns where it is packed."""
    with transaction() as session:
        picking.start(session, fulfilment_id, actor="test")
        part = packing.pack(
            session, fulfilment_id, picked={"MUG": 2}, boxes=[MUG, MUG], actor="test"
        )
        return part.location_id


def give_back(parcel_id: UUID) -> None:
    with transaction() as session:
        instead = relabelling.give_back(session, parcel_id, why="torn", actor="test")
        relabelling.buy_again(session, instead.id, actor="test")


def close_list(place: UUID) -> UUID:
    with transaction() as session:
        return manifests.close(session, place, carrier="simulated", actor="test").id


def hand_over(manifest_id: UUID, place: UUID) -> None:
    with transaction() as session:
        manifests.hand_over(session, manifest_id, location_id=place, actor="test")


def manifest(manifest_id: UUID) -> Manifest:
    with transaction() as session:
        return session.get_one(Manifest, manifest_id)


def live(fulfilment_id: UUID) -> Sequence[Parcel]:
    return [one for one in shop.parcels(fulfilment_id) if one.status is not ParcelStatus.VOIDED]


def all_labelled(fulfilment_id: UUID) -> bool:
    parcels = live(fulfilment_id)
    return bool(parcels) and all(one.status is ParcelStatus.LABELLED for one in parcels)


def test_two_labels_are_bought_one_is_bought_again_and_the_list_is_filed(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 2})
        async with at_work() as client:
            [part] = await until(lambda: shop.fulfilments(order_id))
            place = await asyncio.to_thread(pack_in_two, part.id)
            await until(lambda: all_labelled(part.id))
            first = shop.parcels(part.id)[0]
            await asyncio.to_thread(give_back, first.id)
            await until(lambda: all_labelled(part.id) and len(shop.parcels(part.id)) == 3)
            numbers = {one.tracking_number for one in shop.parcels(part.id)}
            assert len(numbers) == 3
            await until(lambda: not any(one.void_owed for one in shop.parcels(part.id)))
            manifest_id = await asyncio.to_thread(close_list, place)
            await until(lambda: manifest(manifest_id).filing is Filing.FILED)
            assert await closed(client, f"manifest:{manifest_id}") == "filed"
            await until_running(client, f"fulfilment:{part.id}")
            await asyncio.to_thread(hand_over, manifest_id, place)
            assert await until(lambda: shop.status(order_id) == "shipped")
        filed = manifest(manifest_id)
        assert (filed.filing, filed.parcels) == (Filing.FILED, 2)
        assert (filed.reference or "").startswith("SIMM")
        with transaction() as session:
            assert session.exec(select(OpenException)).all() == []

    run(story())
