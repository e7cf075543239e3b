"""The demo's customers: by chance, but in the mix that was asked for, and plainly made up."""

import random
from collections import Counter
from pathlib import Path

import pytest

from api.sandbox.app import Options, state_for
from api.sandbox.book import read_book
from api.sandbox.config import SandboxConfig, ShopConfig
from api.sandbox.generator import random_order
from api.sandbox.placing import WantedOrder, place
from api.sandbox.state import State
from oms.errors import Invalid
from tests.sandbox.running import SECRETS

BOOK = Path(__file__).parent / "book.json"


def a_state(seed: int = 1) -> State:
    shops = {kind: ShopConfig(kind=kind, secret=secret) for kind, secret in SECRETS.items()}
    config = SandboxConfig(oms_url="http://127.0.0.1:9", shops=shops)
    return state_for(Options(config=config, port=0, book=BOOK, seed=seed))


def many(count: int = 2_000) -> list[WantedOrder]:
    state = a_state()
    return [random_order(state) for _ in range(count)]


def test_the_channels_have_their_shares_and_shopify_only_ships() -> None:
    orders = many()
    shares = Counter(order.channel for order in orders)
    assert 0.42 < shares["shopify"] / len(orders) < 0.48
    assert 0.22 < shares["woocommerce"] / len(orders) < 0.28
    assert 0.27 < shares["reference"] / len(orders) < 0.33
    picked = Counter(order.channel for order in orders if order.delivery == "pickup")
    assert picked["shopify"] == 0
    assert 0.44 < picked["woocommerce"] / shares["woocommerce"] < 0.56
    assert 0.44 < picked["reference"] / shares["reference"] < 0.56


def test_every_customer_is_made_up_and_every_article_in_the_book() -> None:
    book = read_book(BOOK)
    for order in many(300):
        assert order.customer.email.endswith("@example.com")
        assert order.address is not None
        assert order.address.city in ("Albany", "Burbank")
        skus = [line.sku for line in order.lines]
        assert len(set(skus)) == len(skus)
        assert all(book.article(order.channel, sku) for sku in skus)


def test_one_seed_gives_the_same_orders() -> None:
    first, second = a_state(7), a_state(7)
    assert [random_order(first) for _ in range(20)] == [random_order(second) for _ in range(20)]


def test_the_book_gives_titles_prices_and_the_channels_names() -> None:
    state = a_state()
    wanted = WantedOrder.model_validate(
        {"channel": "shopify", "lines": [{"sku": "S-MUG"}], "delivery": "pickup", "store": "S01"}
    )
    order, webhook = place(state, wanted)
    assert (order.lines[0].title, order.lines[0].price_minor) == ("Mug", 1250)
    assert order.store == "Riverside"
    assert '"code":"Riverside"' in webhook.body
    other, _ = place(state, wanted.model_copy(update={"channel": "woocommerce"}))
    assert other.store == "Riverside store"
    third, _ = place(state, wanted.model_copy(update={"channel": "reference"}))
    assert third.store == "S01"


def test_the_nearest_store_comes_first() -> None:
    book = read_book(BOOK)
    albany, burbank = book.addresses
    assert [store.code for store in book.nearest_stores(albany)] == ["S01", "S02"]
    assert [store.code for store in book.nearest_stores(burbank)] == ["S02", "S01"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is wrong"), ('{"skus": [{"sku": 5}]}', "title"), (None, "cannot be read")],
)
def test_a_book_that_is_wrong_is_refused_by_name(
    tmp_path: Path, text: str | None, said: str
) -> None:
    path = tmp_path / "book.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Invalid, match=said) as caught:
        read_book(path)
    assert str(path) in caught.value.message


def test_random_orders_need_a_book() -> None:
    config = a_state().config
    with pytest.raises(Invalid, match="needs a shop book"):
        state_for(Options(config=config, port=0, orders_per_minute=5))


def test_chance_is_the_states_own() -> None:
    random.seed(3)
    before = random.getstate()
    random_order(a_state())
    assert random.getstate() == before
