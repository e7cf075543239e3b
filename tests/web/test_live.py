"""Open pages are told that something changed in their store, and only there."""

import asyncio
from collections.abc import Iterator

import httpx2
from sqlalchemy import text

from api.web import live
from oms.db import transaction
from oms.locations import queries as locations
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
                    " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
                )
            ).scalar_one()
        assert ended == 1
        until_changed(stream)  # whatever happened while nobody listened
        shop.a_pickup(store="S01")
        until_changed(stream)


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
