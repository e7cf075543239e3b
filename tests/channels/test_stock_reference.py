"""Stock of the reference channel: told and asked by signed events."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oms.channels.base import ChannelRefused, ChannelUnavailable
from oms.channels.reference.stock import ReferenceStock
from oms.channels.stock import Figure, Place
from tests.channels.builders import WHSEC_OLD
from tests.channels.stocking import a_telling, tell
from tests.sandbox.running import Sandbox, desk

HERE, THERE = Place("S01", frozenset({"S01"})), Place("W01", frozenset({"W01"}))


def keeper(shops: Sandbox, **settings: object) -> ReferenceStock:
    found = shops.channel("reference", timeout_s=5.0, **settings).stock
    assert isinstance(found, ReferenceStock)
    return found


def test_every_location_is_a_place_by_the_channels_own_name(shops: Sandbox) -> None:
    assert keeper(shops, locations={}).places({"W01", "S01"}) == [HERE, THERE]
    renamed = keeper(shops, locations={"Main Street": "S01"}).places({"W01", "S01"})
    assert renamed == [Place("Main Street", frozenset({"S01"})), THERE]


def test_levels_are_told_and_read_back(shops: Sandbox) -> None:
    shops.set_stock("reference", "R-MUG", 1, place="S01")
    figures = keeper(shops).read({"R-MUG"}, [HERE, THERE])
    assert figures == {("R-MUG", "S01"): Figure(1), ("R-MUG", "W01"): Figure(None)}
    wanted = {("R-MUG", "S01"): 4, ("R-MUG", "W01"): 0}
    assert tell(keeper(shops), [HERE, THERE], wanted) == {}
    assert shops.stock("reference", "R-MUG") == {"S01": 4, "W01": 0}


def test_an_unknown_article_is_refused_by_itself(shops: Sandbox) -> None:
    shops.set_stock("reference", "R-CUP", 1, place="S01")
    wanted = {("R-NONE", "S01"): 4, ("R-CUP", "S01"): 5}
    refused = tell(keeper(shops), [HERE], wanted, key="partial")
    assert {spot: each.reason for spot, each in refused.items()} == {
        ("R-NONE", "S01"): "no such article"
    }
    assert shops.stock("reference", "R-CUP") == {"S01": 5}


def test_a_lost_answer_is_repeated_and_counts_once(shops: Sandbox) -> None:
    spot = ("R-LOST", "S01")
    shops.set_stock("reference", "R-LOST", 5, place="S01")
    telling = a_telling({spot: Figure(5)}, {spot: 3}, key="lost")
    shops.fault("reference", "timeout_after_success", seconds=1.5, on="stock")
    impatient = shops.channel("reference", timeout_s=0.5).stock
    with pytest.raises(ChannelUnavailable):
        impatient.write(telling)
    shops.set_stock("reference", "R-LOST", 2, place="S01")
    assert keeper(shops).write(telling) == {}
    assert shops.stock("reference", "R-LOST") == {"S01": 2}


def test_an_older_figure_that_comes_late_changes_nothing(shops: Sandbox) -> None:
    spot = ("R-LATE", "S01")
    shops.set_stock("reference", "R-LATE", 5, place="S01")
    newer = a_telling({spot: Figure(5)}, {spot: 3}, key="newer")
    assert keeper(shops).write(newer) == {}
    older = replace(
        a_telling({spot: Figure(5)}, {spot: 9}, key="older"),
        as_of=newer.as_of - timedelta(seconds=1),
    )
    assert keeper(shops).write(older) == {}
    assert shops.stock("reference", "R-LATE") == {"S01": 3}


def test_a_receiver_that_cannot_be_asked_is_told_all_the_same(shops: Sandbox) -> None:
    with desk({}) as (url, _):  # it answers 404 to whatever is posted there
        figures = keeper(shops, api_url=f"{url}/nothing").read({"R-MUG"}, [HERE])
    assert figures == {("R-MUG", "S01"): Figure(None, unread=True)}


def test_a_wrong_secret_is_no_silence(shops: Sandbox) -> None:
    with pytest.raises(ChannelRefused) as caught:
        keeper(shops, secrets=[WHSEC_OLD]).read({"R-MUG"}, [HERE])
    assert caught.value.field == "channels.reference.secrets"
