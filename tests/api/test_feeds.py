"""Feeds over HTTP: for keys with the scope, whole, and only when something has changed."""

import csv
import io
import json
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from fastapi.testclient import TestClient

from oms import clock
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from tests.api.asking import Api, error_of
from tests.builders import a_listing

PATHS = ["/v1/feeds/local-inventory", "/v1/feeds/products", "/v1/feeds/products?format=csv"]


def ask(api: Api, path: str, **headers: str):  # type: ignore[no-untyped-def]
    return api.client.get(path, headers={"Authorization": f"Bearer {api.key}", **headers})


def test_the_local_inventory_is_one_entry_a_line(api: Api) -> None:
    answer = api.get("/v1/feeds/local-inventory")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    entries = [json.loads(line) for line in answer.text.splitlines()]
    assert [(one["offerId"], one["storeCode"]) for one in entries] == [
        ("LAMP", "S01"), ("LAMP", "S02"), ("MUG", "S01"), ("MUG", "S02"),
    ]  # fmt: skip
    assert {one["localInventoryAttributes"]["quantity"] for one in entries} == {"5"}


def test_products_come_as_lines_and_as_csv(api: Api) -> None:
    lines = [json.loads(line) for line in api.get(PATHS[1]).text.splitlines()]
    answer = api.get(PATHS[2])
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["sku"] for row in rows] == [line["sku"] for line in lines]
    assert {line["sku"]: line["quantity"] for line in lines} == {
        "ANVIL": 0,
        "LAMP": 15,
        "MUG": 15,
    }


@pytest.mark.parametrize("path", PATHS)
def test_a_copy_that_is_still_right_is_not_sent_again(api: Api, path: str) -> None:
    first = ask(api, path)
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", {tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": changed},
    ):
        again = ask(api, path, **headers)
        assert (again.status_code, again.text) == (304, "")
        assert again.headers["etag"] == tag
    earlier = format_datetime(parsedate_to_datetime(changed) - timedelta(days=1), usegmt=True)
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": changed},  # the tag outweighs the date
        {"If-Modified-Since": earlier},
        {"If-Modified-Since": "yesterday"},
    ):
        assert ask(api, path, **headers).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_change_of_stock_makes_another_copy(api: Api, path: str) -> None:
    first = ask(api, path)
    later = clock.now() + timedelta(seconds=5)
    body = {"sku": "MUG", "location": "S01", "units": 3}
    assert api.post("/v1/stock/receipts", body).status_code == 201
    with clock.at(later):
        second = ask(api, path, **{"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]
    moments = [parsedate_to_datetime(each.headers["last-modified"]) for each in (first, second)]
    assert all(isinstance(moment, datetime) for moment in moments)
    assert second.text != first.text


def test_a_channels_feed_is_its_own(api: Api) -> None:
    with transaction() as session:
        a_listing(session, channel="shopify", channel_sku="S-MUG", sku="MUG")
    found = api.get("/v1/feeds/products", params={"channel": "shopify"})
    assert [json.loads(line)["id"] for line in found.text.splitlines()] == ["S-MUG"]
    assert found.headers["etag"] != api.get("/v1/feeds/products").headers["etag"]
    unknown = api.get("/v1/feeds/products", params={"channel": "etsy"})
    assert error_of(unknown, 404, "not_found")["field"] == "channel"


@pytest.mark.parametrize("path", PATHS)
def test_a_key_without_the_scope_reads_nothing(client: TestClient, api: Api, path: str) -> None:
    with transaction() as session:
        key = enrolling.issue_key(session, name="orders", scopes=[Scope.ORDERS_READ])
    error_of(Api(client, key).get(path), 403, "forbidden")
    error_of(client.get(path), 401, "unauthenticated")
