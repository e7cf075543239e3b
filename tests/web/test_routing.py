"""Operations' page of routing: the policy in force and its versions."""

from datetime import timedelta

import pytest

from oms import clock
from oms.db import transaction
from oms.sourcing import policies
from oms.sourcing.policy import parse
from tests.web.conftest import SIZES, OpenWindow, Site

PAGE = "/operations/routing"


def a_story() -> None:
    hold = {"channel": "shopify", "service": "standard", "minutes": 30}
    rule = {"location": "S01", "reason": "no licence", "category": "hazmat"}
    peak = parse({"name": "peak", "holds": [hold], "exclusions": [rule]})
    with transaction() as unit:
        policies.add(unit, parse({"name": "plain"}), effective_from=None, actor="olga")
        policies.add(unit, peak, effective_from=None, actor="olga", note="before the feast")
        coming = clock.now() + timedelta(days=3)
        policies.add(unit, parse({"name": "calm"}), effective_from=coming, actor="olga")


def test_the_page_says_what_counts_and_what_each_version_changed(site: Site) -> None:
    with site.in_operations() as client:
        empty = client.get(PAGE, headers={"HX-Request": "false"}).text
        assert "the standard policy holds" in empty
        assert "every order is routed at once" in empty
        a_story()
        page = client.get(PAGE, headers={"HX-Request": "false"}).text
        assert "Policy in force: peak" in page
        assert "shopify, standard: 30 minutes" in page
        assert "S01, hazmat: no licence" in page
        assert "holds[0].minutes: – → 30" in page
        assert "To come" in page
        assert "superseded" in page
        assert "before the feast" in page
        part = client.get(PAGE, headers={"HX-Request": "true"}).text
        assert part.lstrip().startswith('<div id="card"')


def test_nobody_else_sees_it(site: Site) -> None:
    with site.client() as client:
        assert client.get(PAGE).status_code in (303, 401)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_does_not_stick_out(open_window: OpenWindow, size: str) -> None:
    a_story()
    window = open_window(size, dark=False)
    page = window.sign_in_to_operations()
    window.open(PAGE)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    window.shoot("routing")
