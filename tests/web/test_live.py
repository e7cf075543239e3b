"""Open pages are told that something changed in their store, and only there."""

import asyncio
from collections.abc import Iterator
from unittest.mock import ANY

import httpx2
import pytest
from sqlalchemy import text
from sqlmodel import Session

from api.web import live
from oms.db import transaction
from oms.locations import queries as locations
from oms.outbox import live as outbox
from tests.builders import a_store
from tests.web import shop
from tests.web.conftest import Site


def events(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith("event: "):
            yield line.removeprefix("event: ")


def until_changed(stream: Iterator[str]) -> None:
    while next(stream) != "changed":
        pass


def test_a_page_is_told_at_once_and_at_every_change_of_its_store(site: Site) -> None:
    with site.at_store() as ana, ana.stream("GET", "/store/events", timeout=60) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = events(answer.iter_lines())
        assert next(stream) == "changed"  # whatever happened before it connected
        shop.a_pickup(store="S01")
        until_changed(stream)


def test_another_stores_changes_wake_nobody_here(site: Site) -> None:
    with transaction() as unit:
        here, there = (locations.by_code(unit, code).id for code in ("S01", "S02"))

    async def woken() -> tuple[bool, bool]:
        with live.changes_at(here) as ours, live.changes_at(there) as theirs:
            # A listener that is only just connecting wakes everybody once.
            await asyncio.gather(ours.wait(timeout_s=2), theirs.wait(timeout_s=2))
            await asyncio.to_thread(shop.a_pickup, store="S01")
            return await ours.wait(timeout_s=30), await theirs.wait(timeout_s=0.5)

    assert asyncio.run(woken()) == (True, False)


def test_a_lost_database_connection_costs_no_change(site: Site) -> None:
    with site.at_store() as ana, ana.stream("GET", "/store/events", timeout=60) as answer:
        stream = events(answer.iter_lines())
        assert next(stream) == "changed"
        with transaction() as unit:
            ended = unit.execute(
                text(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database()"
                    " AND query ~ '^(LISTEN|SELECT pg_current_snapshot)'"
                )
            ).scalar_one()
        assert ended == 1
        until_changed(stream)  # whatever happened while nobody listened
        shop.a_pickup(store="S01")
        until_changed(stream)


def first_told(site: Site, moment: str) -> tuple[str, str]:
    """The first event of a page that was told up to a moment, and the moment it names."""
    with (
        site.at_store() as ana,
        ana.stream("GET", "/store/events", headers={"Last-Event-ID": moment}) as answer,
    ):
        kind, told = "", ""
        for line in answer.iter_lines():
            kind = line.removeprefix("event: ") if line.startswith("event: ") else kind
            told = line.removeprefix("id: ") if line.startswith("id: ") else told
            if not line:
                return kind, told
    raise AssertionError("the stream ended without an event")


def test_a_page_that_comes_back_is_told_only_what_it_missed(site: Site) -> None:
    kind, moment = first_told(site, "")
    assert kind == "changed"
    kind, again = first_told(site, moment)
    assert kind == "beat"
    shop.a_pickup(store="S02")
    assert first_told(site, again)[0] == "beat"
    shop.a_pickup(store="S01")
    assert first_told(site, again)[0] == "changed"


def test_what_was_begun_before_and_committed_later_is_not_missed(site: Site) -> None:
    with transaction() as unit:
        here = locations.by_code(unit, "S01").id
        outbox.announce(unit, location_id=here)
        unit.flush()
        shop.a_pickup(store="S02")  # a later transaction ends sooner
        _, moment = first_told(site, "")
    assert first_told(site, moment)[0] == "changed"


@pytest.mark.parametrize(
    "moment",
    [
        "7",
        "x' OR 1=1",
        "9:1:@1764000000",
        "1:1:@1",
        "999999999999:999999999999:@99999999999",
        "99999999999999999999:1:@1",
    ],
)
def test_a_moment_of_which_nobody_knows_is_told_to_read_again(
    session: Session, moment: str
) -> None:
    place = a_store(session, "S01")
    missed, now = outbox.catch_up(session, location_id=place.id, told=moment)
    assert missed
    assert outbox.catch_up(session, location_id=place.id, told=now) == (False, ANY)


def test_a_server_that_ends_ends_its_streams(site: Site) -> None:
    with site.at_store() as ana, ana.stream("GET", "/store/events", timeout=60) as answer:
        stream = events(answer.iter_lines())
        assert next(stream) == "changed"
        site.stop()
        assert list(stream) in ([], ["changed"])


def test_a_stream_is_for_those_who_are_signed_in(site: Site) -> None:
    with site.client() as nobody:
        answer = nobody.get("/store/events", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert isinstance(answer, httpx2.Response)
