"""Nothing is open but the doors; nobody sees another store; forms prove where they come from."""

import re
from uuid import uuid4

import pytest

from api.deps import DEVICE_COOKIE, SESSION_COOKIE
from api.web import router
from oms.pickup.models import PickupStatus
from oms.settings import settings
from tests.web import shop
from tests.web.conftest import Site
from tests.web.shop import PASSWORD, PIN

OPEN = {
    ("GET", "/"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/enrol"),
    ("POST", "/enrol"),
    ("GET", "/operations/sign-in"),
    ("POST", "/operations/sign-in"),
    ("GET", "/collect/{token}"),  # for customers, who know a token that nobody can guess
    ("POST", "/collect/{token}/here"),
    ("POST", "/collect/{token}/on-my-way"),
    ("POST", "/collect/{token}/slot"),
    ("GET", "/collect/{token}/language"),
    ("GET", "/order/{token}"),
    ("GET", "/order/{token}/language"),
    ("GET", "/order/{token}/move"),
    ("POST", "/order/{token}/store"),
    ("POST", "/order/{token}/deliver"),
    ("POST", "/order/{token}/cancel"),
    ("POST", "/order/{token}/collectors"),
    ("POST", "/order/{token}/collectors/{collector_id}/remove"),
    ("POST", "/order/{token}/arrived"),
    ("GET", "/messages/{token}"),
    ("POST", "/messages/{token}"),
    ("GET", "/return/{token}"),
    ("POST", "/return/{token}"),
    ("POST", "/return/{token}/{return_id}/cancel"),
    ("POST", "/return/{token}/{return_id}/sent"),
    ("GET", "/return/{token}/{return_id}/label.pdf"),
}


def page_routes() -> list[tuple[str, str]]:
    found = [
        (method, route.path)
        for part in router.routes
        for route in part.original_router.routes  # type: ignore[attr-defined]
        for method in route.methods
    ]
    assert len(found) > 30
    return sorted(found)


def filled(path: str) -> str:
    return re.sub(r"\{kind\}", "pdf", re.sub(r"\{\w+_id\}|\{token\}", str(uuid4()), path))


def test_nothing_is_open_but_the_doors_and_health(site: Site) -> None:
    with site.client() as nobody:
        answered = set()
        for method, path in page_routes():
            answer = nobody.request(method, filled(path))
            if (method, path) in OPEN:
                answered.add((method, path))
                assert answer.status_code in (200, 303, 401, 404, 422)
                continue
            assert answer.status_code == 303, (method, path)
            door = "/operations/sign-in" if path.startswith("/operations") else "/"
            assert answer.headers["location"].split("?")[0] == door
        assert answered == OPEN
        assert nobody.get("/healthz").json() == {"status": "alive"}


def test_a_piece_of_a_page_sends_its_page_to_the_door(site: Site) -> None:
    with site.client() as nobody:
        answer = nobody.get("/store/queue", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/")
    assert answer.content == b""


def test_an_associate_does_not_see_another_store(site: Site) -> None:
    here, there = shop.a_pickup(store="S01"), shop.a_pickup(store="S02")
    with site.at_store("S01") as ana:
        queue = ana.get("/store/queue").text
        assert str(here) in queue
        assert str(there) not in queue
        for path in (f"/store/pickups/{there}", f"/store/pickups/{there}/card"):
            assert ana.get(path).status_code == 404
        refused = ana.post(
            f"/store/pickups/{there}/start",
            data={"version": "1"},
            headers={"Idempotency-Key": "of-another-store"},
        )
        assert refused.status_code == 404
        assert ana.post("/store/find", data={"shown": shop.number_of(there)}).status_code == 200
        assert (
            "hx-redirect"
            not in ana.post("/store/find", data={"shown": shop.pickup(there).qr_token}).headers
        )
    assert shop.pickup(there).version == 1


def test_an_associate_does_not_see_another_places_shipment(site: Site) -> None:
    fulfilment_id = shop.a_shipment()
    other = next(code for code in ("S01", "S02") if code != shop.place_of(fulfilment_id))
    with site.at_store(other) as ana:
        assert ana.get(f"/store/shipments/{fulfilment_id}").status_code == 404
        refused = ana.post(
            f"/store/shipments/{fulfilment_id}/start",
            data={"version": "1"},
            headers={"Idempotency-Key": "of-another-store"},
        )
    assert refused.status_code == 404
    assert shop.fulfilment(fulfilment_id).version == 1


def test_a_command_needs_the_pages_own_token(site: Site) -> None:
    pickup_id = shop.a_pickup()
    with site.at_store() as ana:
        del ana.headers["X-CSRF-Token"]
        for token in ({}, {"X-CSRF-Token": "guessed"}):
            refused = ana.post(
                f"/store/pickups/{pickup_id}/start",
                data={"version": "1"},
                headers={"Idempotency-Key": "without-token", **token},
            )
            assert refused.status_code == 403
            assert "reload the page and try again" in refused.text
    assert shop.pickup(pickup_id).version == 1


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sign-in", {"badge": "7", "pin": PIN}),
        ("/operations/sign-in", {"login": "olga", "password": PASSWORD}),
        ("/enrol", {"token": "any"}),
        ("/sign-out", {}),
    ],
)
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", None])
def test_another_sites_form_opens_nothing(
    site: Site, path: str, form: dict[str, str], origin: str | None
) -> None:
    with site.client() as client:
        client.post("/enrol", data={"token": site.shop.devices["S01"]})
        del client.headers["Origin"]
        answer = client.post(path, data=form, headers={"Origin": origin} if origin else {})
        assert answer.status_code == 403
        assert SESSION_COOKIE not in client.cookies
        assert "own page" in answer.text


def test_wrong_pins_lock_the_badge(site: Site) -> None:
    with site.client() as client:
        client.post("/enrol", data={"token": site.shop.devices["S01"]})
        for _ in range(4):
            wrong = client.post("/sign-in", data={"badge": "7", "pin": "0000"})
            assert wrong.status_code == 401
            assert "badge or PIN is wrong" in wrong.text
        assert client.post("/sign-in", data={"badge": "7", "pin": "0000"}).status_code == 423
        locked = client.post("/sign-in", data={"badge": "7", "pin": PIN})
        assert locked.status_code == 423
        assert "too many wrong attempts" in locked.text
        assert 0 < int(locked.headers["retry-after"]) <= 300
        assert SESSION_COOKIE not in client.cookies
        assert client.post("/sign-in", data={"badge": "8", "pin": PIN}).status_code == 303


def test_a_device_that_is_not_enrolled_is_told_so(site: Site) -> None:
    with site.client() as client:
        assert "This device is not enrolled" in client.get("/").text
        refused = client.post("/sign-in", data={"badge": "7", "pin": PIN})
        assert refused.status_code == 401
        assert "This device is not enrolled" in refused.text
        unknown = client.post("/enrol", data={"token": "no-such-token"})
        assert unknown.status_code == 401
        assert "Ask for a new enrolment link" in unknown.text
        assert DEVICE_COOKIE not in client.cookies


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    site: Site, monkeypatch: pytest.MonkeyPatch, secure: bool
) -> None:
    monkeypatch.setenv("TRIBUTARY_SECURE_COOKIES", str(secure))
    settings.cache_clear()
    with site.client() as client:
        enrolled = client.post("/enrol", data={"token": site.shop.devices["S01"]})
        device = enrolled.headers["set-cookie"]
        signed_in = client.post(
            "/sign-in",
            data={"badge": "7", "pin": PIN},
            headers={"Cookie": f"{DEVICE_COOKIE}={site.shop.devices['S01']}"},
        )
    for cookie in (device, signed_in.headers["set-cookie"]):
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert ("Secure" in cookie) is secure


def test_signing_out_ends_the_session_for_good(site: Site) -> None:
    with site.at_store() as ana:
        cookie = ana.cookies[SESSION_COOKIE]
        assert ana.post("/sign-out").headers["location"] == "/"
        assert SESSION_COOKIE not in ana.cookies
    with site.client() as thief:
        thief.cookies.set(SESSION_COOKIE, cookie)
        assert thief.get("/store").status_code == 303


def test_each_person_stays_in_their_part(site: Site) -> None:
    with site.at_store() as ana, site.in_operations() as olga:
        for person, path in ((ana, "/operations"), (olga, "/store")):
            refused = person.get(path, headers={"HX-Request": "false"})
            assert refused.status_code == 403
            assert "Not allowed" in refused.text
            assert "Sign out" in refused.text


@pytest.mark.parametrize(
    ("after", "to"),
    [
        ("/operations/orders/1", "/operations/orders/1"),
        ("/store", "/operations"),
        ("//elsewhere.example", "/operations"),
        ("https://elsewhere.example/operations/", "/operations"),
        ("/operations//elsewhere.example", "/operations"),
    ],
)
def test_signing_in_leads_back_to_our_own_pages_only(site: Site, after: str, to: str) -> None:
    with site.client() as client:
        answer = client.post(
            "/operations/sign-in",
            data={"login": "olga", "password": PASSWORD, "next": after},
        )
    assert (answer.status_code, answer.headers["location"]) == (303, to)


def test_pages_bring_no_inline_script_or_style(site: Site) -> None:
    shop.a_shipment()
    with site.client() as nobody, site.at_store() as ana, site.in_operations() as olga:
        pages = [nobody.get("/").text, nobody.get("/enrol").text]
        pickups = (shop.a_pickup(), shop.a_ready_pickup(), shop.an_expired_pickup())
        pages += [ana.get(f"/store/pickups/{one}").text for one in pickups]
        pages += [ana.get(path).text for path in ("/store", "/store/shipments")]
        policy = ana.get("/store").headers["content-security-policy"]
        pages += [olga.get("/operations", headers={"HX-Request": "false"}).text]
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    for page in pages:
        assert re.findall(r"<script(?![^>]* src=)[^>]*>", page) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=|hx-on|javascript:", page) == []
        assert re.findall(r"hx-trigger=\"[^\"]*\[", page) == []


def test_what_customers_type_is_shown_as_text(site: Site) -> None:
    pickup_id = shop.a_pickup(external_id="<script>alert(1)</script>")
    assert shop.pickup(pickup_id).status is PickupStatus.PREPARING
    with site.at_store() as ana:
        for path in ("/store/queue", f"/store/pickups/{pickup_id}"):
            page = ana.get(path).text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)" in page


def test_an_unknown_page_is_a_page_and_an_unknown_api_is_json(site: Site) -> None:
    with site.client() as nobody:
        page, api = nobody.get("/store/no/such/page"), nobody.get("/v1/orders")
        assert page.status_code == 404
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "There is no such page" in page.text.replace("there", "There")
        assert api.headers["content-type"] == "application/json"
