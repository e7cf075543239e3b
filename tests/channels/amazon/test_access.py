"""Login with Amazon: tokens are shared until they end, renewed once, and never shown."""

import re

import pytest
from pydantic import SecretStr

from oms.channels.amazon import tokens
from oms.channels.base import BadSignature, ChannelRefused, ChannelUnavailable, RawRequest
from oms.channels.models import WritebackKind
from oms.channels.rates import Limit, LocalGate
from tests.channels.amazon.selling import an_amazon, with_access
from tests.channels.builders import NOW, a_command, told
from tests.sandbox.running import Sandbox


def shipped(seller: Sandbox) -> object:
    order = seller.place("amazon")
    line = told(**{f"_{order.lines[0].id}": 2})
    return an_amazon(seller.url).tell(a_command(WritebackKind.SHIPPED, order.id, lines=line))


def test_a_token_that_another_login_ended_is_renewed_once(seller: Sandbox) -> None:
    shipped(seller)
    form = f"grant_type=refresh_token&client_secret=cs_sandbox&refresh_token={REFRESH}"
    seller.http.post("/amazon/auth/o2/token", content=form.replace(" ", "+"))
    assert shipped(seller)


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"refresh_token": SecretStr("Atzr|revoked")}, "refresh_token"),
        ({"client_secret": SecretStr("expired one")}, "client_secret"),
    ],
)
def test_a_revoked_authorisation_names_the_setting_and_shows_no_secret(
    seller: Sandbox, changes: dict[str, SecretStr], setting: str
) -> None:
    adapter = with_access(an_amazon(seller.url), client_id=f"other {setting}", **changes)
    with pytest.raises(ChannelRefused) as caught:
        adapter.tell(a_command(WritebackKind.CANCELLED, "1"))
    assert caught.value.field == f"channels.amazon.selling_partner.{setting}"
    words = f"{caught.value.message} {caught.value.remedy} {caught.value.facts} {adapter!r}"
    for secret in changes.values():
        assert secret.get_secret_value() not in words


def test_no_secret_and_no_token_is_in_an_address(seller: Sandbox) -> None:
    """What a proxy or a server's log sees of us."""
    seen: list[str] = []

    class Line:
        channel = "amazon"

        def call(self, method: str, url: str, **_: object) -> object:
            seen.append(url)
            raise ChannelUnavailable("stopped here")

    access = an_amazon(seller.url, api_url="https://x").settings.selling_partner
    assert access is not None
    fresh = access.model_copy(update={"client_id": "unseen"})
    with pytest.raises(ChannelUnavailable):
        tokens.access_token(Line(), fresh)  # type: ignore[arg-type]
    assert seen == [fresh.token_url]
    assert not re.search("Atz|cs_sandbox|unseen", seen[0])


def test_amazon_has_no_door_so_nobody_is_let_in() -> None:
    with pytest.raises(BadSignature):
        an_amazon().verify(RawRequest((("x-amz-sns", "1"),), b"{}"), now=NOW)


def test_an_exhausted_rate_says_when_there_is_more() -> None:
    gate, limit = LocalGate("amazon"), Limit("searchOrders", per_second=0.0056, burst=2)
    gate.enter(limit)
    gate.enter(limit)
    with pytest.raises(ChannelUnavailable) as caught:
        gate.enter(limit)
    assert 170 < caught.value.facts["retry_after_s"] <= 179
    gate.learn(limit, 1e9)
    gate.enter(limit)


REFRESH = "Atzr|refresh token of the sandbox"
